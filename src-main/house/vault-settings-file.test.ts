import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { readVaultSettings } from '../vault/vault-settings.ts';

// Outside Electron its package is only a path to the binary, which nobody starts here; the variable keeps it from
// looking for (and downloading) one.
let openVaultSettingsFile: typeof import('./vault-settings-file.ts').openVaultSettingsFile;
beforeAll(async () => {
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= 'not-used';
  ({ openVaultSettingsFile } = await import('./vault-settings-file.ts'));
});

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-vault-settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const chosen = {
  backend: 'sealed-file' as const,
  leftovers: [{ backend: 'keychain' as const, service: 'Lanyard', account: 'codex/1' }],
};

it('T-2: what was chosen is read back by the next start; without a file it is the keychain', () => {
  const directory = place();
  const file = openVaultSettingsFile(directory);
  expect(readVaultSettings(file)).toEqual({ backend: 'keychain', leftovers: [] });
  expect(readdirSync(directory)).toEqual([]);
  file.write(chosen);
  expect(readVaultSettings(openVaultSettingsFile(directory))).toEqual(chosen);
  if (process.platform !== 'win32') expect(statSync(join(directory, 'vault.json')).mode & 0o777).toBe(0o600);
});

it.each(['', '{"backend":"sealed', '[]', '{"backend":"clay tablets"}'])(
  'T-2: %j is no choice, stays as it is, and is replaced only by a new choice',
  (text) => {
    const directory = place();
    const path = join(directory, 'vault.json');
    writeFileSync(path, text);
    const file = openVaultSettingsFile(directory);
    expect(readVaultSettings(file).backend).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(text);
    file.write(chosen);
    expect(readVaultSettings(openVaultSettingsFile(directory))).toEqual(chosen);
  },
);
