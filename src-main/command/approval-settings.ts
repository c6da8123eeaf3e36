import * as v from 'valibot';
import { type ApprovalMode, ApprovalModeSchema } from '../../src-preload/contract/approvals.ts';
import { couldNotSave, LanyardError } from '../failures.ts';
import { blankBundleId } from '../identities/model.ts';

export interface ApprovalSettingsParts {
  /** Its text; null when there is no file. @throws when it cannot be read */
  read: () => string | null;
  /** Replaces all of it or nothing. @throws the system's error */
  write: (modes: Record<string, ApprovalMode>) => void;
  /** Identities that there are. */
  bundleIds: () => readonly string[];
}

const ModesSchema = v.record(v.string(), ApprovalModeSchema);

/** Which identities are asked about, as the person chose it. */
export class ApprovalSettings {
  readonly #parts: ApprovalSettingsParts;
  #modes: Record<string, ApprovalMode>;
  /** For identities that nothing is kept of: a file that was damaged must not open what it guarded. */
  #otherwise: ApprovalMode;

  constructor(parts: ApprovalSettingsParts) {
    this.#parts = parts;
    const modes = kept(parts.read);
    this.#modes = modes ?? {};
    this.#otherwise = modes ? 'off' : 'always';
  }

  /** `off` for the identity without accounts: nothing of it can be handed out. */
  modeOf(bundleId: string): ApprovalMode {
    if (bundleId === blankBundleId) return 'off';
    return Object.hasOwn(this.#modes, bundleId)
      ? (this.#modes[bundleId] ?? this.#otherwise)
      : this.#otherwise;
  }

  all(): { bundleId: string; mode: ApprovalMode }[] {
    return this.#parts.bundleIds().map((bundleId) => ({ bundleId, mode: this.modeOf(bundleId) }));
  }

  /** A copy of an identity has its accounts, so it asks like it. @throws LanyardError `could_not_save` */
  copy(bundleId: string, copyId: string): void {
    const mode = this.modeOf(bundleId);
    if (this.modeOf(copyId) !== mode) this.set(copyId, mode);
  }

  /** @throws LanyardError `unknown_bundle`, `could_not_save`; nothing is changed then */
  set(bundleId: string, mode: ApprovalMode): void {
    const ids = this.#parts.bundleIds();
    if (!ids.includes(bundleId) || bundleId === blankBundleId) throw unknownBundle();
    const entries = ids
      .filter((id) => id !== blankBundleId)
      .map((id) => [id, id === bundleId ? mode : this.modeOf(id)] as const);
    const next = Object.fromEntries(entries.filter(([, each]) => each !== 'off'));
    try {
      this.#parts.write(next);
    } catch (error) {
      throw couldNotSave('This choice could not be saved', error);
    }
    this.#modes = next;
    this.#otherwise = 'off';
  }
}

function kept(read: () => string | null): Record<string, ApprovalMode> | null {
  try {
    const text = read();
    return text === null ? {} : v.parse(ModesSchema, JSON.parse(text));
  } catch {
    return null;
  }
}

const unknownBundle = () =>
  new LanyardError({
    code: 'unknown_bundle',
    title: 'This identity cannot be asked about',
    hint: 'It is gone, or has no accounts that could be handed out.',
  });
