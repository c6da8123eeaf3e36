import { ownBundles } from '../state/model.ts';
import { programLabel } from '../terminals/terminal-words.ts';
import type { CommandSource } from './commands.ts';

/** Running something as an identity, and the terminals that are open. */
export const terminalCommands: CommandSource = ({ app }) => [
  ...app.terminals.tabs().map((tab) => ({
    id: `tab ${tab.tabId}`,
    title: `Show ${programLabel(tab)} as ${tab.bundleName}`,
    words: 'terminal tab',
    group: 'Terminal',
    run: () => {
      app.terminals.focusLater(tab.tabId);
      app.terminals.show(tab.tabId);
    },
  })),
  ...ownBundles(app.state)
    .filter(({ accountCount }) => accountCount > 0)
    .map(({ id, name }) => ({
      id: `run ${id}`,
      title: `Run as ${name}…`,
      words: 'command program shell terminal',
      group: 'Run',
      run: () => app.terminals.openRun({ bundleId: id }),
    })),
  {
    id: 'page terminals',
    title: 'Terminals',
    words: 'running programs what runs',
    group: 'Page',
    run: () => app.terminals.showPage(),
  },
];
