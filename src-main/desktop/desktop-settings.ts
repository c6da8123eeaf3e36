import * as v from 'valibot';
import { type DesktopSettings, ThemeSchema } from '../../src-preload/contract/desktop.ts';
import { couldNotSave } from '../failures.ts';
import type { JsonFile } from '../programs/json-file.ts';

/** What is kept by us; whether Lanyard starts at login is kept by the system. */
type Kept = Omit<DesktopSettings, 'startAtLogin'>;

/** One field at a time, so that a value which cannot be understood costs nothing but itself. */
const KeptSchema = v.object({
  theme: v.fallback(v.optional(ThemeSchema, 'system'), 'system'),
  notifications: v.fallback(v.optional(v.boolean(), true), true),
  keepInTray: v.fallback(v.optional(v.boolean(), false), false),
  singleKeys: v.fallback(v.optional(v.boolean(), true), true),
});

/** Whether the system starts us when the person logs in. */
export interface LoginStart {
  isOn(): boolean;
  /** @throws LanyardError when the system does not take it */
  set(on: boolean): void;
}

export interface DesktopSettingsParts {
  file: JsonFile;
  loginStart: LoginStart;
  /** Told after every change. Must not throw. */
  onChanged: (settings: DesktopSettings) => void;
}

/** How Lanyard behaves on the desktop, as the person chose it. */
export class DesktopChoices {
  readonly #parts: DesktopSettingsParts;
  #kept: Kept;

  constructor(parts: DesktopSettingsParts) {
    this.#parts = parts;
    const read = v.safeParse(KeptSchema, parts.file.read() ?? {});
    this.#kept = read.success ? read.output : v.parse(KeptSchema, {});
  }

  /** What is kept by us; asks nothing of the system. */
  get kept(): Readonly<Kept> {
    return this.#kept;
  }

  all(): DesktopSettings {
    return { ...this.#kept, startAtLogin: this.#parts.loginStart.isOn() };
  }

  /**
   * Changes what is named. Either all of it holds afterwards, or nothing was changed.
   * @throws LanyardError `could_not_save`, or what the system said to starting at login
   */
  choose({ startAtLogin, ...kept }: Partial<DesktopSettings>): void {
    const next = { ...this.#kept, ...kept };
    const { file, loginStart, onChanged } = this.#parts;
    const before = loginStart.isOn();
    if (startAtLogin !== undefined && startAtLogin !== before) loginStart.set(startAtLogin);
    if (Object.keys(kept).length > 0) {
      try {
        file.write(next);
      } catch (error) {
        if (loginStart.isOn() !== before) loginStart.set(before);
        throw couldNotSave('This choice could not be saved', error);
      }
    }
    this.#kept = next;
    onChanged(this.all());
  }
}
