import * as v from 'valibot';
import type { VaultBackend, VaultEntry } from './vault.ts';

/** An entry that should not be where it is any more, or never came into use there; deleted when its backend answers. */
export interface Leftover extends VaultEntry {
  backend: VaultBackend;
}

/** When the sealed file is locked without anybody asking for it. */
export interface AutoLockRule {
  /** After so many minutes in which no key was used; `null` for never. */
  afterMinutes: number | null;
  /** When the person goes away: the computer sleeps, or its screen is locked. */
  whenAway: boolean;
}

export const usualAutoLock: AutoLockRule = { afterMinutes: null, whenAway: true };

export interface VaultSettings {
  /** The backend in use. `null` when what was chosen could not be read: it is not guessed. */
  backend: VaultBackend | null;
  leftovers: Leftover[];
  /** Absent where the person chose nothing: {@link usualAutoLock}. */
  autoLock?: AutoLockRule;
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
  autoLock: v.exactOptional(
    v.fallback(
      v.object({
        afterMinutes: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(24 * 60))),
        whenAway: v.boolean(),
      }),
      usualAutoLock,
    ),
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
