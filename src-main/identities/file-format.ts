import { join } from 'node:path';
import { fromTable, isTable, type Leaves, leavesOf, toTable } from './table.ts';

/**
 * How the store's sections stand in its file, so that 16,000 accounts and bindings stay under 5 MB: rows as tables, a
 * directory of ours as its generation, a bundle's bindings as one list of account ids, and no field that follows from
 * others. What is not of that form (an older file's rows, a row that a person wrote) is taken as it is, and what cannot
 * be read stays what it was, for the store to set aside.
 */

const tableSections = ['bundles', 'accounts', 'looseSecrets'] as const;

/** The form of one file. Remembers how rows look in it: rows never change, and each write has nearly all of them again. */
export class FileFormat {
  readonly #accountsRoot: string;
  readonly #leaves = new WeakMap<object, Leaves>();

  /** @param accountsRoot absolute; where account directories are */
  constructor(accountsRoot: string) {
    this.#accountsRoot = accountsRoot;
  }

  /** @param content sections as the store has them */
  pack(content: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const packed: Record<string, unknown> = { ...content };
    for (const section of tableSections) {
      const rows = content[section];
      if (!Array.isArray(rows) || rows.length === 0) continue;
      const inForm =
        section === 'accounts'
          ? (row: unknown) => packAccount(row, this.#accountsRoot)
          : (row: unknown) => row;
      packed[section] = toTable(rows, (row) => this.#leavesOf(row, inForm));
    }
    if (Array.isArray(content.bindings))
      packed.bindings = packBindings(content.bindings, providersOf(content.accounts));
    return packed;
  }

  /** The reverse of `pack`. */
  unpack(packed: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const content: Record<string, unknown> = { ...packed };
    for (const section of tableSections) {
      const rows = content[section];
      if (isTable(rows)) content[section] = fromTable(rows);
    }
    if (Array.isArray(content.accounts))
      content.accounts = content.accounts.map((row) => unpackAccount(row, this.#accountsRoot));
    if (Array.isArray(content.bindings)) {
      const providers = providersOf(content.accounts);
      content.bindings = content.bindings.flatMap((row) => unpackBindings(row, providers));
    }
    return content;
  }

  #leavesOf(row: unknown, inForm: (row: unknown) => unknown): Leaves {
    if (!isRecord(row)) return null;
    const known = this.#leaves.get(row);
    if (known !== undefined) return known;
    const leaves = leavesOf(inForm(row));
    this.#leaves.set(row, leaves);
    return leaves;
  }
}

/** JSON with one row per line: a person can read it, and a comparison of two versions shows the rows that differ. */
export function formatContent(packed: Readonly<Record<string, unknown>>): string {
  const lines = (rows: readonly unknown[]) =>
    rows.length === 0 ? '[]' : `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`;
  const sections = Object.entries(packed).map(([name, value]) => {
    const text = isTable(value)
      ? `{"columns":${JSON.stringify(value.columns)},"rows":${lines(value.rows)}}`
      : Array.isArray(value)
        ? lines(value)
        : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{\n${sections.join(',\n')}\n}\n`;
}

function packAccount(row: unknown, accountsRoot: string): unknown {
  if (!isRecord(row) || !isRecord(row.secretRef)) return row;
  const packed = { ...row };
  if (row.name === usualName(row)) delete packed.name;
  if (row.displayName === emailOf(row)) delete packed.displayName;
  const { dir } = row.secretRef;
  const generation = typeof dir === 'string' ? Number(/[^/\\]+$/.exec(dir)?.[0]) : Number.NaN;
  if (directoryOf(row, generation, accountsRoot) === dir)
    packed.secretRef = { ...row.secretRef, dir: generation };
  return packed;
}

function unpackAccount(row: unknown, accountsRoot: string): unknown {
  if (!isRecord(row)) return row;
  const { secretRef } = row;
  const dir = isRecord(secretRef) ? directoryOf(row, secretRef.dir, accountsRoot) : null;
  return {
    ...row,
    ...('name' in row ? {} : { name: usualName(row) }),
    ...('displayName' in row ? {} : { displayName: emailOf(row) }),
    ...(isRecord(secretRef) && dir !== null ? { secretRef: { ...secretRef, dir } } : {}),
  };
}

function directoryOf(row: Record<string, unknown>, generation: unknown, accountsRoot: string): string | null {
  if (typeof row.id !== 'string' || !Number.isSafeInteger(generation)) return null;
  return join(accountsRoot, row.id, String(generation));
}

function usualName({ provider, kind }: Record<string, unknown>): string {
  return `${String(provider)}-${String(kind)}`;
}

function emailOf({ context }: Record<string, unknown>): unknown {
  return isRecord(context) ? context.email : undefined;
}

/** Each account's provider, also of rows that are broken elsewhere: their bindings must be kept with them. */
function providersOf(accounts: unknown): Map<unknown, unknown> {
  const rows = Array.isArray(accounts) ? accounts.filter(isRecord) : [];
  return new Map(rows.map((row) => [row.id, row.provider]));
}

/** `[bundle, account, account, ...]`; a binding that does not follow from its account stays a row of its own. */
function packBindings(rows: readonly unknown[], providers: ReadonlyMap<unknown, unknown>): unknown[] {
  const lists = new Map<unknown, unknown[]>();
  const others: unknown[] = [];
  for (const row of rows) {
    if (!isRecord(row) || !providers.has(row.accountId) || providers.get(row.accountId) !== row.providerId) {
      others.push(row);
      continue;
    }
    const list = lists.get(row.bundleId);
    if (list) list.push(row.accountId);
    else lists.set(row.bundleId, [row.bundleId, row.accountId]);
  }
  return [...lists.values(), ...others];
}

function unpackBindings(row: unknown, providers: ReadonlyMap<unknown, unknown>): unknown[] {
  if (!Array.isArray(row)) return [row];
  const [bundleId, ...accountIds]: unknown[] = row;
  return accountIds.map((accountId) => ({
    bundleId,
    providerId: providers.get(accountId) ?? 'unknown',
    accountId,
  }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
