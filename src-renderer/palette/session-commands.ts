import { principalName } from '../sessions/session-words.ts';
import type { CommandSource } from './commands.ts';

/** Cloud sessions that are open, and their page. */
export const sessionCommands: CommandSource = ({ app }) => [
  ...app.cloud.active().map(({ id, principal, bundleName }) => ({
    id: `session ${id}`,
    title: `Go to the session of ${principalName(principal)}`,
    words: ['cloud', bundleName, principal].join(' '),
    group: 'Session',
    run: () => app.choosePage({ name: 'sessions', sessionId: id }),
  })),
  {
    id: 'page sessions',
    title: 'Sessions',
    words: 'cloud aws google azure',
    group: 'Page',
    run: () => app.choosePage({ name: 'sessions' }),
  },
];
