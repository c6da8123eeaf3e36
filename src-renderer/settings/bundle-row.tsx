import ArrowDown from 'lucide-solid/icons/arrow-down';
import ArrowUp from 'lucide-solid/icons/arrow-up';
import GripVertical from 'lucide-solid/icons/grip-vertical';
import { createSignal, Show } from 'solid-js';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { BundleDescription } from '../bundles/bundle-description.tsx';
import { BundleMenu } from '../bundles/bundle-menu.tsx';
import { ColourPopover } from '../bundles/colour-popover.tsx';
import { BundleName } from '../components/bundle-name.tsx';
import { IconButton } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';

export type Direction = 'up' | 'down';

/** How a row takes part in the order of its list. */
export interface RowOrder {
  /** False while only some rows are shown: "up" would mean nothing then. */
  movable: () => boolean;
  isFirst: (bundleId: string) => boolean;
  isLast: (bundleId: string) => boolean;
  move: (bundleId: string, direction: Direction) => void;
  /** The row that is being dragged. */
  dragged: () => string | null;
  setDragged: (bundleId: string | null) => void;
  drop: (beforeId: string) => void;
}

/** One identity with everything that can be changed of it. */
export function BundleRow(props: { bundle: BundleSummary; isDefault: boolean; order: RowOrder }) {
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [describing, setDescribing] = createSignal(false);
  /** A row can be dragged by its handle only: its texts are to be selected. */
  const [held, setHeld] = createSignal(false);
  const [target, setTarget] = createSignal(false);
  let menu: HTMLElement | undefined;
  const id = () => props.bundle.id;
  const accepts = () => props.order.dragged() !== null && props.order.dragged() !== id();
  const count = () =>
    props.bundle.accountCount === 1 ? '1 account' : `${props.bundle.accountCount} accounts`;
  return (
    <li
      data-component="bundle-row"
      data-drop-target={target() ? '' : undefined}
      draggable={held()}
      onDragStart={(event) => {
        event.dataTransfer?.setData('text/plain', props.bundle.name);
        props.order.setDragged(id());
      }}
      onDragEnd={() => {
        setHeld(false);
        props.order.setDragged(null);
      }}
      onDragOver={(event) => {
        if (!accepts()) return;
        event.preventDefault();
        setTarget(true);
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={(event) => {
        event.preventDefault();
        setTarget(false);
        if (accepts()) props.order.drop(id());
      }}
    >
      <Show when={props.order.movable()}>
        {/* For the mouse; the arrows beside do the same for the keyboard. */}
        <span
          data-component="drag-handle"
          title="Drag to another place"
          onPointerDown={() => setHeld(true)}
          onPointerUp={() => setHeld(false)}
        >
          <GripVertical size={14} aria-hidden="true" />
        </span>
      </Show>
      <ColourPopover bundle={props.bundle} />
      <div data-component="settings-main">
        <span data-component="bundle-row-name">
          <BundleName bundle={props.bundle}>
            <span data-component="settings-name">{props.bundle.name}</span>
          </BundleName>
          <Show when={props.isDefault}>
            <span data-component="chip" data-tone="quiet">
              Default
            </span>
          </Show>
        </span>
        <BundleDescription
          bundle={props.bundle}
          editing={describing()}
          onStop={(returnFocus) => {
            setDescribing(false);
            if (returnFocus) queueMicrotask(() => menu?.querySelector('button')?.focus());
          }}
        />
        <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      </div>
      <small>{count()}</small>
      <Show when={props.order.movable()}>
        <MoveButton bundle={props.bundle} direction="up" order={props.order} />
        <MoveButton bundle={props.bundle} direction="down" order={props.order} />
      </Show>
      <span
        ref={(element) => {
          menu = element;
        }}
      >
        <BundleMenu bundle={props.bundle} onDescribe={() => setDescribing(true)} onFailure={setFailure} />
      </span>
    </li>
  );
}

function MoveButton(props: { bundle: BundleSummary; direction: Direction; order: RowOrder }) {
  const ends = () =>
    props.direction === 'up' ? props.order.isFirst(props.bundle.id) : props.order.isLast(props.bundle.id);
  return (
    <IconButton
      label={`Move ${props.bundle.name} ${props.direction}`}
      data-move={`${props.direction}:${props.bundle.id}`}
      // Not disabled: it may have the focus when its row arrives at the end.
      aria-disabled={ends() ? 'true' : undefined}
      onClick={() => !ends() && props.order.move(props.bundle.id, props.direction)}
    >
      <Show when={props.direction === 'up'} fallback={<ArrowDown size={14} aria-hidden="true" />}>
        <ArrowUp size={14} aria-hidden="true" />
      </Show>
    </IconButton>
  );
}
