import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { temporaryDirectory } from './command.fixture.ts';
import { claimHouse } from './house-claim.ts';

it('R-7: one house per data directory; the next one may have it when it was given back', async () => {
  const data = join(temporaryDirectory(), 'data');
  const giveBack = await claimHouse(data, systemClock);
  await expect(claimHouse(data, systemClock)).rejects.toMatchObject({ failure: { code: 'already_running' } });
  await giveBack();
  expect(existsSync(join(data, 'house.lock'))).toBe(false);
  const again = await claimHouse(data, systemClock);
  await again();
});

it('R-7: a house that was killed has lost its claim', async () => {
  const data = temporaryDirectory();
  const script = `
    import { claimHouse } from ${JSON.stringify(join(import.meta.dirname, 'house-claim.ts'))};
    import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '..', 'clock.ts'))};
    await claimHouse(${JSON.stringify(data)}, systemClock);
    process.stdout.write('claimed');
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  await expect(claimHouse(data, systemClock)).rejects.toMatchObject({ failure: { code: 'already_running' } });
  other.kill('SIGKILL');
  await once(other, 'close');
  await (await claimHouse(data, systemClock))();
});
