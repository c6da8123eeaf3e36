import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { OwnLogin } from './own-login.ts';

it('sees a file that was written again with the same bytes, one with other permissions, one that is gone, and a new one', async () => {
  const home = await mkdtemp(join(tmpdir(), 'own-login-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const files = { '.acme/same': 'a', '.acme/again': 'a', '.acme/opened-up': 'a', '.acme/gone': 'a' };
  const own = await OwnLogin.plant(home, files);
  expect(await own.changes()).toEqual({ touched: [], added: [] });
  await writeFile(join(home, '.acme/again'), 'a');
  await chmod(join(home, '.acme/opened-up'), 0o644);
  await rm(join(home, '.acme/gone'));
  await writeFile(join(home, 'new'), '');
  expect(await own.changes()).toEqual({
    touched: ['.acme/again', '.acme/gone', '.acme/opened-up'],
    added: ['new'],
  });
});
