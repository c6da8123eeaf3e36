import * as Popover from '@kobalte/core/popover';
import Check from 'lucide-solid/icons/check';
import { createSignal, For, Show } from 'solid-js';
import { type BundleSummary, bundlePalette } from '../../src-preload/contract/bundles.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { inkOn } from '../format/colour.ts';
import { sentences } from '../format/sentences.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import './colour-popover.css';

/** A bundle's colour, which opens the choice of another one. */
export function ColourPopover(props: { bundle: Pick<BundleSummary, 'id' | 'name' | 'colour' | 'blank'> }) {
  const [open, setOpen] = createSignal(false);
  return (
    <Popover.Root open={open()} onOpenChange={setOpen} gutter={4} placement="bottom-start">
      <Popover.Trigger
        data-component="icon-button"
        aria-label={`Colour of ${props.bundle.name}`}
        title={`Colour of ${props.bundle.name}`}
      >
        <BundleDot bundle={props.bundle} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content data-component="colour-popover" aria-label={`Colour of ${props.bundle.name}`}>
          <ColourChoice bundle={props.bundle} onChosen={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ColourChoice(props: {
  bundle: Pick<BundleSummary, 'id' | 'name' | 'colour'>;
  onChosen: () => void;
}) {
  const app = useApp();
  const [other, setOther] = createSignal(
    bundlePalette.some(({ colour }) => colour === props.bundle.colour) ? '' : props.bundle.colour,
  );
  const [error, setError] = createSignal<string | null>(null);
  const choose = async (colour: string, name: string) => {
    const failure = await attempt(app.bridge.bundles.recolour({ bundleId: props.bundle.id, colour }));
    if (failure) {
      setError(sentences(failure));
      return;
    }
    app.announce(`${props.bundle.name} is ${name} now.`);
    props.onChosen();
  };
  const chooseOther = () => void choose(other().trim(), other().trim());
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that nobody needs to see */}
      <div role="group" aria-label="Colours" data-component="colour-choice">
        <For each={bundlePalette}>
          {({ name, colour }) => (
            <button
              type="button"
              data-component="colour-swatch"
              data-ink={inkOn(colour)}
              aria-label={name}
              title={name}
              aria-pressed={props.bundle.colour === colour}
              style={{ '--bundle-colour': colour }}
              onClick={() => void choose(colour, name)}
            >
              <Show when={props.bundle.colour === colour}>
                <Check size={14} aria-hidden="true" />
              </Show>
            </button>
          )}
        </For>
      </div>
      <Field
        label="Another colour"
        placeholder="#0b6e6e"
        mono
        value={other()}
        error={error()}
        onChange={(value) => {
          setOther(value);
          setError(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          chooseOther();
        }}
      >
        <Button size="small" onClick={chooseOther}>
          Use
        </Button>
      </Field>
    </>
  );
}
