import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import { Show } from 'solid-js';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { IconButton } from './button.tsx';
import { createCopied } from './copied.ts';
import './install-command.css';

/** How a missing CLI is installed, to be read or copied. */
export function InstallCommand(props: { providerId: string; providerName: string; command: string }) {
  const app = useApp();
  const copied = createCopied(app.announce);
  const copy = async () => {
    const failure = await attempt(app.bridge.providers.copyInstallCommand({ providerId: props.providerId }));
    if (failure) app.announce('Could not copy.');
    else copied.mark();
  };
  return (
    <div data-component="install-command">
      <code>{props.command}</code>
      <IconButton label={`Copy the install command of ${props.providerName}`} onClick={() => void copy()}>
        <Show when={copied.recently()} fallback={<Copy size={14} aria-hidden="true" />}>
          <Check size={14} aria-hidden="true" />
        </Show>
      </IconButton>
    </div>
  );
}
