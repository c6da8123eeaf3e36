import type { Theme } from '../../src-preload/contract/desktop.ts';
import { sentences } from '../format/sentences.ts';
import { sections } from '../settings/sections.ts';
import { attempt } from '../state/ask.ts';
import type { CommandSource } from './commands.ts';

const themes: { theme: Theme; title: string }[] = [
  { theme: 'light', title: 'Use the light theme' },
  { theme: 'dark', title: 'Use the dark theme' },
  { theme: 'system', title: 'Use the theme of the system' },
];

/** Pages, sections of the settings, and what belongs to the window itself. */
export const pageCommands: CommandSource = ({ app }) => [
  {
    id: 'page activity',
    title: 'Activity',
    words: 'audit trail history log verify export diagnostics',
    group: 'Page',
    run: () => app.choosePage({ name: 'activity' }),
  },
  ...sections.map(({ id, label, words }) => ({
    id: `settings ${id}`,
    title: `Settings: ${label}`,
    words,
    group: 'Settings',
    ...(id === 'identities' ? { shortcut: 'settings' } : {}),
    run: () => app.choosePage({ name: 'settings', section: id }),
  })),
  ...themes.map(({ theme, title }) => ({
    id: `theme ${theme}`,
    title,
    words: 'appearance colour mode',
    group: 'Settings',
    run: () => {
      void attempt(app.bridge.desktop.choose({ theme })).then((failure) => {
        if (failure) app.showNote({ text: sentences(failure) });
      });
    },
  })),
  {
    id: 'shortcuts',
    title: 'Keyboard shortcuts',
    words: 'keys help',
    group: 'Help',
    shortcut: 'list',
    run: () => app.openOverlay('shortcuts'),
  },
];
