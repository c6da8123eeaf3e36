import { Match, Show, Switch } from 'solid-js';
import { ApprovalDialog } from './approvals/approval-dialog.tsx';
import { LinkDialog } from './links/link-dialog.tsx';
import { allCommands } from './palette/commands.ts';
import { switchCommands } from './palette/identity-commands.ts';
import { Palette } from './palette/palette.tsx';
import { NewBundleDialog } from './rail/new-bundle-dialog.tsx';
import { ShortcutsDialog } from './shortcuts/shortcuts-dialog.tsx';
import { useApp } from './state/app-context.tsx';

/** What lies over the page when it is asked for, and the question of a link from outside. */
export function Overlays() {
  const app = useApp();
  const close = () => app.openOverlay(null);
  /** Not over a sign-in or another question: it comes up when that is closed. */
  const asking = () => {
    const busy =
      app.state.modal || app.removal() || app.terminals.request() || app.overlay() || app.approvals.request();
    const link = busy ? null : app.link();
    return link && link.kind !== 'refused' ? link : null;
  };
  return (
    <>
      <Switch>
        <Match when={app.overlay() === 'palette'}>
          <Palette
            title="Search or run"
            placeholder="Connect, run, go to…"
            source={allCommands}
            recent
            onClose={close}
          />
        </Match>
        <Match when={app.overlay() === 'switcher'}>
          <Palette
            title="Switch identity"
            placeholder="Name, person or description"
            source={switchCommands}
            onClose={close}
          />
        </Match>
        <Match when={app.overlay() === 'shortcuts'}>
          <ShortcutsDialog onClose={close} />
        </Match>
        <Match when={app.overlay() === 'new-identity'}>
          <NewBundleDialog onClose={close} />
        </Match>
      </Switch>
      {/* Over everything else: it is denied when it is not answered in time. */}
      <Show when={app.approvals.request()}>
        {(request) => <ApprovalDialog request={request()} behind={app.approvals.behind()} />}
      </Show>
      <Show when={asking()} keyed>
        {(link) => <LinkDialog link={link} />}
      </Show>
    </>
  );
}
