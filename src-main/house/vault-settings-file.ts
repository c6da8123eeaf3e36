import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ElectronStore from 'electron-store';
import type { VaultSettingsFile } from '../vault/vault-settings.ts';

const name = 'vault';

/** `<directory>/vault.json`, through electron-store: replaced whole, mode 0600. @param directory absolute */
export function openVaultSettingsFile(directory: string): VaultSettingsFile {
  const path = join(directory, `${name}.json`);
  // Made when it is used: its constructor reads, and throws on a file that is no JSON.
  const store = (clearInvalidConfig: boolean) =>
    new ElectronStore({
      cwd: directory,
      name,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      clearInvalidConfig,
      serialize: (value) => `${JSON.stringify(value, null, 2)}\n`,
    });
  return {
    read: () => (existsSync(path) ? { ...store(false).store } : undefined),
    // Whoever writes has chosen again, so a choice that could not be read may go.
    write: (settings) => {
      store(true).store = { ...settings };
    },
  };
}
