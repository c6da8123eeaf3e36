import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { minPassphraseLength } from '../vault/chosen-vault.ts';

/**
 * The sealed file's passphrase, from the first line of the standard input or typed on the terminal without being shown.
 * @param isNew it is being chosen: asked for twice
 * @returns null where nobody says one
 */
export async function passphraseFrom(source: 'input' | 'terminal', isNew: boolean): Promise<string | null> {
  if (source === 'input') return (await nextLine(false)) || null;
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  for (;;) {
    process.stderr.write(
      isNew
        ? `A passphrase for the file in which keys are sealed (${minPassphraseLength} characters or more; empty for none): `
        : 'Passphrase of the file in which keys are sealed (empty to leave it closed): ',
    );
    const first = await nextLine(true);
    if (!first) return null;
    if (!isNew) return first;
    process.stderr.write('The same again: ');
    if ((await nextLine(true)) === first) return first;
    process.stderr.write('The two are not the same.\n');
  }
}

function nextLine(hidden: boolean): Promise<string> {
  return new Promise((resolve) => {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: process.stdin, output: nowhere, terminal: hidden });
    let line = '';
    lines.once('line', (text) => {
      line = text;
      lines.close();
    });
    lines.once('SIGINT', () => process.exit(130));
    lines.once('close', () => {
      if (hidden) process.stderr.write('\n');
      resolve(line);
    });
  });
}
