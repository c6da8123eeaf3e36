import * as v from 'valibot';
import type { Problem } from '../../src-preload/contract/values.ts';
import { couldNotSave, errorCode, type LanyardError } from '../failures.ts';
import { IdentityIndex } from './identity-index.ts';
import { type Account, type Binding, type Bundle, blankBundleId } from './model.ts';
import { isSafeSegment } from './safe-segment.ts';

/** A JSON file that is read whole and replaced whole: after `write` throws, the old content is still there. */
export interface StoreFile {
  /** The content, or `undefined` when there is none yet. */
  read(): unknown;
  write(value: unknown): void;
}

/** A keychain entry that no account refers to: on its way in or out, and deleted at the latest on the next start. */
export interface LooseSecret {
  service: string;
  account: string;
}

/** Lists of rows. A draft of it has lists of its own, and shares the rows: they are replaced, never changed. */
export interface IdentityState {
  bundles: Bundle[];
  accounts: Account[];
  bindings: Binding[];
  looseSecrets: LooseSecret[];
  /** The bundle that new windows and launches start with, as it was chosen; it may be gone. */
  defaultBundleId: string | null;
}

type Section = Exclude<keyof IdentityState, 'defaultBundleId'>;

/** A row that could not be read, kept as it was. It is tried again at every start. */
interface SetAside {
  section: Section;
  row: unknown;
  reason: string;
}

const currentVersion = 2;

/** What the file's rows must be before this build reads them. `steps[n]` turns version n into version n + 1. */
const steps: ((old: Record<string, unknown>) => Record<string, unknown>)[] = [
  // Version 0 is a file without a version: sections, descriptions and contexts may be missing.
  (old) => ({
    ...old,
    bundles: withDefaults(old.bundles, { description: '' }),
    accounts: withDefaults(old.accounts, { context: {}, status: 'unknown' }),
  }),
  // Version 1 is the same rows as plain lists; the number keeps builds away that cannot read tables (`file-format.ts`).
  (old) => old,
];

function withDefaults(rows: unknown, defaults: Record<string, unknown>): unknown {
  if (!Array.isArray(rows)) return rows;
  return rows.map((row: unknown) => (isRecord(row) ? { ...defaults, ...row } : row));
}

const Text = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const SafeId = v.pipe(v.string(), v.check(isSafeSegment, 'must be a safe path segment'));
const Time = v.pipe(v.number(), v.integer(), v.minValue(0));

const BundleSchema: v.GenericSchema<unknown, Bundle> = v.object({
  id: v.pipe(SafeId, v.notValue(blankBundleId)),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  description: v.string(),
  colour: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i)),
  createdAt: Time,
  updatedAt: Time,
});

const ContextSchema = v.object({
  email: v.exactOptional(Text),
  login: v.exactOptional(Text),
  issuer: v.exactOptional(Text),
  accountId: v.exactOptional(Text),
  organisationId: v.exactOptional(Text),
  organisation: v.exactOptional(Text),
  plan: v.exactOptional(Text),
});

const ExpectedSchema = v.object({
  issuer: v.exactOptional(Text),
  accountId: v.exactOptional(Text),
  organisationId: v.exactOptional(Text),
  email: v.exactOptional(Text),
  label: v.exactOptional(Text),
});

const AccountSchema: v.GenericSchema<unknown, Account> = v.object({
  id: SafeId,
  name: Text,
  provider: SafeId,
  kind: v.picklist(['oauth', 'api-key', 'pat', 'role', 'env']),
  displayName: Text,
  secretRef: v.variant('kind', [
    v.object({ kind: v.literal('oauth-config-dir'), dir: Text }),
    v.object({ kind: v.literal('keychain'), service: Text, account: Text }),
    v.object({ kind: v.literal('env'), envVar: Text }),
    v.object({ kind: v.literal('machine') }),
  ]),
  context: ContextSchema,
  flowId: v.exactOptional(Text),
  parameters: v.exactOptional(v.record(v.string(), Text)),
  status: v.picklist(['valid', 'expiring', 'expired-refreshable', 'needs-sign-in', 'unknown']),
  expiresAt: v.exactOptional(Time),
  expected: v.exactOptional(ExpectedSchema),
  unexpected: v.exactOptional(ContextSchema),
  createdAt: Time,
  updatedAt: Time,
});

const BindingSchema: v.GenericSchema<unknown, Binding> = v.object({
  bundleId: SafeId,
  providerId: SafeId,
  accountId: SafeId,
});

const LooseSecretSchema: v.GenericSchema<unknown, LooseSecret> = v.object({ service: Text, account: Text });

const SetAsideSchema = v.object({
  section: v.picklist(['bundles', 'accounts', 'bindings', 'looseSecrets']),
  row: v.unknown(),
});

/**
 * Bundles, accounts and bindings, held in memory and kept in one file. Every change is one write of the whole state:
 * it is on disk entirely or not at all. Rows that cannot be read are set aside one by one (I-13): kept in the file,
 * named in `problems`, while all others load.
 */
export class IdentityStore {
  readonly #file: StoreFile;
  readonly #source: string;
  readonly problems: Problem[] = [];
  #state: IdentityState = {
    bundles: [],
    accounts: [],
    bindings: [],
    looseSecrets: [],
    defaultBundleId: null,
  };
  #index: IdentityIndex | null = null;
  #setAside: SetAside[] = [];
  /** Why nothing may be written: the file holds more than this build understands. */
  #refusal: string | null = null;

  /** @param source the file's name as problems show it */
  constructor(file: StoreFile, source: string) {
    this.#file = file;
    this.#source = source;
    this.#load();
  }

  get state(): Readonly<IdentityState> {
    return this.#state;
  }

  /** The state by its ids. */
  get index(): IdentityIndex {
    this.#index ??= new IdentityIndex(this.#state);
    return this.#index;
  }

  /** False when rows may exist that this build did not see: nothing may be cleaned up by what it does see. */
  get complete(): boolean {
    return this.#refusal === null;
  }

  /** Ids of accounts whose rows were set aside: what they own must be kept. */
  get unreadableAccountIds(): Set<string> {
    const ids = this.#setAside
      .filter((entry) => entry.section === 'accounts')
      .map((entry) => (isRecord(entry.row) ? entry.row.id : undefined));
    return new Set(ids.filter((id) => typeof id === 'string'));
  }

  /** Vault entries of accounts whose rows were set aside, where that much can be read. */
  get unreadableSecrets(): LooseSecret[] {
    return this.#setAside.flatMap(({ section, row }) => {
      const secretRef = section === 'accounts' && isRecord(row) ? row.secretRef : null;
      const parsed = v.safeParse(LooseSecretSchema, secretRef);
      return isRecord(secretRef) && secretRef.kind === 'keychain' && parsed.success ? [parsed.output] : [];
    });
  }

  /**
   * Applies a change to a draft of the state and writes it. `edit` may change the draft's lists and must not change
   * their rows. When `edit` or the write throws, nothing has changed.
   * @throws LanyardError `could_not_save` when the write fails; whatever `edit` throws
   */
  change<T>(edit: (draft: IdentityState) => T): T {
    if (this.#refusal !== null) throw notSaved(this.#refusal);
    const { bundles, accounts, bindings, looseSecrets, defaultBundleId } = this.#state;
    const draft: IdentityState = {
      bundles: [...bundles],
      accounts: [...accounts],
      bindings: [...bindings],
      looseSecrets: [...looseSecrets],
      defaultBundleId,
    };
    const result = edit(draft);
    try {
      this.#file.write({ schemaVersion: currentVersion, ...draft, setAside: this.#setAside });
    } catch (error) {
      throw notSaved(hintFor(error), error);
    }
    this.#state = draft;
    this.#index = null;
    return result;
  }

  #load(): void {
    let content: unknown;
    try {
      content = this.#file.read();
    } catch (error) {
      this.#refuse(
        'The file of identities could not be read. Check its permissions and start Lanyard again.',
        error,
      );
      return;
    }
    if (content === undefined) return;
    if (!isRecord(content)) {
      this.#refuse('The file of identities does not hold an object. Move it away and start Lanyard again.');
      return;
    }
    if (Object.keys(content).length === 0) return;
    const migrated = this.#migrate(content);
    if (migrated) this.#readRows(migrated);
  }

  #migrate(content: Record<string, unknown>): Record<string, unknown> | null {
    const version = content.schemaVersion ?? 0;
    if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
      this.#refuse('The file of identities has no valid schemaVersion. Restore it from a backup.');
      return null;
    }
    if (version > currentVersion) {
      this.#refuse('The identities were written by a newer Lanyard. Update Lanyard and start it again.');
      return null;
    }
    return steps.slice(version).reduce((rows, step) => step(rows), content);
  }

  #readRows(content: Record<string, unknown>): void {
    const aside = rowsOf(content.setAside).flatMap((entry) => {
      const parsed = v.safeParse(SetAsideSchema, entry);
      return parsed.success ? [parsed.output] : [];
    });
    /** A row set aside earlier gets another chance, after the others. */
    const candidates = (section: Section): unknown[] => [
      ...rowsOf(content[section]),
      ...aside.filter((entry) => entry.section === section).map((entry) => entry.row),
    ];

    const { defaultBundleId } = content;
    if (typeof defaultBundleId === 'string') this.#state.defaultBundleId = defaultBundleId;
    const { bundles, accounts, bindings } = this.#state;
    const bundleIds = new Set<string>();
    for (const row of candidates('bundles')) {
      this.#take('bundles', row, BundleSchema, bundles, ({ id }) =>
        isFirst(bundleIds, id) ? null : 'another bundle has its id',
      );
    }
    const providers = new Map<string, string>();
    const accountIds = new Set<string>();
    for (const row of candidates('accounts')) {
      this.#take('accounts', row, AccountSchema, accounts, ({ id, provider }) => {
        if (!isFirst(accountIds, id)) return 'another account has its id';
        providers.set(id, provider);
        return null;
      });
    }
    const bound = new Set<string>();
    for (const row of candidates('bindings')) {
      this.#take('bindings', row, BindingSchema, bindings, ({ bundleId, providerId, accountId }) => {
        if (!bundleIds.has(bundleId)) return 'its bundle is not there';
        const provider = providers.get(accountId);
        if (provider === undefined) return 'its account is not there';
        if (provider !== providerId) return "its account is another provider's";
        if (isFirst(bound, JSON.stringify([bundleId, providerId]))) return null;
        return 'its bundle has an account of this provider already';
      });
    }
    for (const row of candidates('looseSecrets')) {
      this.#take('looseSecrets', row, LooseSecretSchema, this.#state.looseSecrets, () => null);
    }
  }

  #take<T>(
    section: Section,
    row: unknown,
    schema: v.GenericSchema<unknown, T>,
    into: T[],
    fault: (row: T) => string | null,
  ): void {
    const parsed = v.safeParse(schema, row);
    const reason = parsed.success ? fault(parsed.output) : faultOf(parsed.issues[0]);
    if (parsed.success && reason === null) {
      into.push(parsed.output);
      return;
    }
    this.#setAside.push({ section, row, reason: reason ?? '' });
    this.problems.push({
      source: this.#source,
      reason: `A row of ${section}${nameOf(row)} was set aside: ${reason ?? ''}.`,
    });
  }

  #refuse(reason: string, cause?: unknown): void {
    this.#refusal = reason;
    const code = errorCode(cause);
    this.problems.push({ source: this.#source, reason: code ? `${reason} (${code})` : reason });
  }
}

/** The error for identities that were not saved. */
export function notSaved(hint: string, cause?: unknown): LanyardError {
  return couldNotSave('It could not be saved.', cause, hint);
}

function hintFor(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full. Free some space and try again.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'The data directory cannot be written. Check its permissions and try again.';
    default:
      return 'Check that the data directory can be written, and try again.';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFirst(seen: Set<string>, id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}

/** A section that is no list becomes one row, which no schema accepts: it is set aside whole. */
function rowsOf(section: unknown): unknown[] {
  if (section === undefined) return [];
  return Array.isArray(section) ? section : [section];
}

function nameOf(row: unknown): string {
  const name = isRecord(row) ? (row.displayName ?? row.name ?? row.id) : undefined;
  return typeof name === 'string' ? ` (${name.slice(0, 80)})` : '';
}

/** Where and what, without the value: nobody knows what stands in a broken row. */
function faultOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'the row';
  return issue.expected ? `${path} should be ${issue.expected}` : `${path} is not valid`;
}
