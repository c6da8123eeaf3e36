import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import { sentences } from '../format/sentences.ts';
import { openTerminal } from '../launch/open-terminal.ts';
import { attempt } from '../state/ask.ts';
import type { App } from '../state/create-app.ts';
import { ownBundles, shownBundle } from '../state/model.ts';
import type { Command, CommandSource } from './commands.ts';

/** Identities: to each, a terminal as each; and what can be done with the one that is shown. */
export const identityCommands: CommandSource = ({ app }) => {
  const shown = shownBundle(app.state);
  return [
    ...(shown && !shown.blank ? ofShown(app, shown) : []),
    ...app.state.bundles.map((bundle) => goTo(app, bundle)),
    ...ownBundles(app.state)
      .filter(({ accountCount }) => accountCount > 0)
      .map((bundle) => terminal(app, bundle)),
    {
      id: 'new-identity',
      title: 'New identity',
      words: 'create make bundle person',
      group: 'Identity',
      shortcut: 'new',
      run: () => app.openOverlay('new-identity'),
    },
    // Last, because they are many: whoever wants one types its name.
    ...connectCommands(app, shown && !shown.blank ? shown : null),
  ];
};

/** Only the identities, for the switcher. */
export const switchCommands: CommandSource = ({ app }) =>
  app.state.bundles.map((bundle) => ({ ...goTo(app, bundle), title: bundle.name }));

const goTo = (app: App, bundle: BundleSummary): Command => ({
  id: `identity ${bundle.id}`,
  title: `Go to ${bundle.name}`,
  words: [bundle.description, ...bundle.people].join(' '),
  group: 'Identity',
  run: () => app.choosePage({ name: 'identities', bundleId: bundle.id }),
});

const terminal = (app: App, { id, name }: BundleSummary): Command => ({
  id: `terminal ${id}`,
  title: `Open a terminal as ${name}`,
  words: 'run shell system',
  group: 'Run',
  run: () => {
    void openTerminal(app, id).then((failure) => {
      if (!failure) return;
      app.choosePage({ name: 'identities', bundleId: id });
      app.showNote({ text: sentences(failure) });
    });
  },
});

function ofShown(app: App, bundle: BundleSummary): Command[] {
  const accounts = app.state.details[bundle.id]?.accounts ?? [];
  const nameOf = (id: string) => app.state.providers.find((provider) => provider.id === id)?.name ?? id;
  const checkAll = async () => {
    app.announce(`Checking the accounts of ${bundle.name}.`);
    const failure = await attempt(app.bridge.accounts.checkAll({ bundleId: bundle.id }));
    app.showNote({ text: failure ? sentences(failure) : `The accounts of ${bundle.name} were checked.` });
  };
  return [
    ...(accounts.length > 0
      ? [
          {
            id: `check-all ${bundle.id}`,
            title: `Check all accounts of ${bundle.name}`,
            words: 'status refresh look',
            group: 'Identity',
            run: () => void checkAll(),
          },
        ]
      : []),
    ...accounts.map((account) => ({
      id: `account ${account.id}`,
      title: `Go to ${nameOf(account.providerId)} in ${bundle.name}`,
      words: [account.email, account.login, account.organisation, account.displayName].join(' '),
      group: 'Account',
      run: () => app.goTo({ name: 'identity', bundleId: bundle.id, accountId: account.id }),
    })),
  ];
}

/** Into the identity that is shown, or into a new one where none is. */
function connectCommands(app: App, bundle: BundleSummary | null): Command[] {
  const bound = new Set(app.state.details[bundle?.id ?? '']?.accounts.map(({ providerId }) => providerId));
  return app.state.providers.map(({ id, name, vendor, aliases }) => ({
    id: `connect ${id}`,
    title: `${bound.has(id) ? 'Reconnect' : 'Connect'} ${name}${bundle ? ` as ${bundle.name}` : ''}`,
    words: [vendor, ...aliases, 'sign in log in'].join(' '),
    group: 'Connect',
    run: () => void app.connect({ providerId: id, bundleId: bundle?.id ?? null }),
  }));
}
