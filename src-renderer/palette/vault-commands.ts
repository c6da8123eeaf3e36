import { sentences } from '../format/sentences.ts';
import { attempt } from '../state/ask.ts';
import type { CommandSource } from './commands.ts';

/** The sealed file, where keys are kept in one. */
export const vaultCommands: CommandSource = ({ app, vault }) => {
  if (vault?.backend !== 'sealed-file') return [];
  const lock = async () => {
    const failure = await attempt(app.bridge.vault.lock());
    app.showNote({ text: failure ? sentences(failure) : 'The sealed file is locked.' });
  };
  return vault.status === 'locked'
    ? [
        {
          id: 'unlock-vault',
          title: 'Unlock the sealed file',
          words: 'vault passphrase keys',
          group: 'Security',
          run: () => app.choosePage({ name: 'settings', section: 'security' }),
        },
      ]
    : [
        {
          id: 'lock-vault',
          title: 'Lock the sealed file',
          words: 'vault keys',
          group: 'Security',
          run: () => void lock(),
        },
      ];
};
