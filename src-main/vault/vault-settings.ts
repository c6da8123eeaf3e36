import * as v from 'valibot';
import type { VaultBackend, VaultEntry } from './vault.ts';

/** An entry that should not be where it is any more, or never came into use there; deleted when its backend answers. */
export interface Leftover extends VaultEntry {
  backend: VaultBackend;
}

export interface VaultSettings {
  /** The backend in use. `null` when what was chosen could not be read: it is not guessed. */
  backend: VaultBackend | null;
  leftovers: Leftover[];
}

/** The small file that keeps them; replaced whole. */
export interface VaultSettingsFile {
  /** `undefined` when there is none yet. Throws when it cannot be read. */
  read(): unknown;
  write(settings: VaultSettings): void;
}

const BackendSchema = v.picklist(['keychain', 'sealed-file']);
const SettingsSchema = v.object({
  backend: BackendSchema,
  leftovers: v.fallback(
    v.array(v.object({ backend: BackendSchema, service: v.string(), account: v.string() })),
    [],
  ),
});

/** The keychain, until a person chooses something else. */
export function readVaultSettings(file: VaultSettingsFile): VaultSettings {
  let content: unknown;
  try {
    content = file.read();
  } catch {
    return { backend: null, leftovers: [] };
  }
  if (content === undefined) return { backend: 'keychain', leftovers: [] };
  const parsed = v.safeParse(SettingsSchema, content);
  return parsed.success ? parsed.output : { backend: null, leftovers: [] };
}
