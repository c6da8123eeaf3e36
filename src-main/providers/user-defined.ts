import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../src-preload/contract/values.ts';
import { errorCode } from '../failures.ts';
import type { ProviderDefinition } from './definition.ts';
import { checkDefinition, type DefinitionIssue } from './definition-schema.ts';
import { extendDefinition, isObject } from './extend-definition.ts';
import { completeIssuerFile } from './issuer-provider.ts';
import { type JsonSource, JsonSyntaxError, parseJsonSource } from './json-source.ts';
import { slowPattern } from './slow-pattern.ts';

/** Far above any definition, low enough that a stray file does not stop the start. */
const maxBytes = 256 * 1024;

export interface UserProviders {
  definitions: ProviderDefinition[];
  problems: Problem[];
}

interface Loaded {
  definition: ProviderDefinition | null;
  problems: Problem[];
}

/**
 * Reads every `*.json` of a directory as a provider definition, in order of the names. Never throws: what cannot be
 * used is a problem with file, line and reason, and the other files load (I-13).
 *
 * A definition names a program that will be run, so the directory is trusted like a shell's start-up file: what other
 * users of the machine could have written is refused (POSIX only; elsewhere the data directory's own rights decide).
 *
 * @param directory `<data>/providers`; a missing one is no problem
 * @param builtIns what files may extend, and whose ids and aliases they may not take
 */
export async function loadUserProviders(
  directory: string,
  builtIns: readonly ProviderDefinition[],
): Promise<UserProviders> {
  const listing = await listFiles(directory);
  const result: UserProviders = { definitions: [], problems: listing.problems };
  /** Who owns an id or alias, as the message says it. */
  const owners = new Map<string, string>();
  for (const { id, aliases } of builtIns) {
    for (const taken of [id, ...aliases]) owners.set(taken, `the built-in provider "${id}"`);
  }
  for (const name of listing.names) {
    const source = join(directory, name);
    const { definition, problems } = await loadFile(source, builtIns, owners);
    result.problems.push(...problems);
    if (!definition) continue;
    for (const taken of [definition.id, ...definition.aliases]) owners.set(taken, name);
    result.definitions.push(definition);
  }
  return result;
}

async function listFiles(directory: string): Promise<{ names: string[]; problems: Problem[] }> {
  try {
    const names = (await readdir(directory)).filter(
      (name) => name.endsWith('.json') && !name.startsWith('.'),
    );
    const untrusted = names.length > 0 ? distrust(await stat(directory), 'directory', directory) : null;
    if (untrusted) return { names: [], problems: [{ source: directory, reason: untrusted }] };
    return { names: names.sort(), problems: [] };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { names: [], problems: [] };
    return { names: [], problems: [{ source: directory, reason: unreadable(error) }] };
  }
}

async function loadFile(
  source: string,
  builtIns: readonly ProviderDefinition[],
  owners: ReadonlyMap<string, string>,
): Promise<Loaded> {
  const failed = (reason: string, line?: number): Loaded => ({
    definition: null,
    problems: [line === undefined ? { source, reason } : { source, line, reason }],
  });
  let text: string;
  try {
    text = await readTrusted(source);
  } catch (error) {
    return failed(error instanceof Untrusted ? error.message : unreadable(error));
  }
  try {
    const json = parseJsonSource(text);
    const { definition, issues } = toDefinition(json, builtIns, owners);
    const problems = [
      ...json.repeated.map(({ path, line }) => ({
        source,
        line,
        reason: `"${pathText(path)}" is given twice`,
      })),
      ...issues.map((issue) => toProblem(source, json, issue)),
    ];
    return { definition: problems.length === 0 ? definition : null, problems };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return failed(error.message, error.line);
    // It must not take the other files along, whatever it was.
    return failed('this file cannot be understood', 1);
  }
}

function toDefinition(
  json: JsonSource,
  builtIns: readonly ProviderDefinition[],
  owners: ReadonlyMap<string, string>,
): { definition: ProviderDefinition | null; issues: DefinitionIssue[] } {
  const file = json.value;
  if (!isObject(file))
    return { definition: null, issues: [{ path: [], reason: 'The file must be one object {...}' }] };
  const issues: DefinitionIssue[] = [];
  let value: unknown = 'issuer' in file && !('extends' in file) ? completeIssuerFile(file) : file;
  if ('extends' in file) {
    const base = builtIns.find(
      ({ id, aliases }) => id === file.extends || aliases.some((a) => a === file.extends),
    );
    if (!base) {
      const known = builtIns.map(({ id }) => `"${id}"`).join(', ');
      return { definition: null, issues: [{ path: ['extends'], reason: `must be one of ${known}` }] };
    }
    // Checked here, where it is sure that the file has it: from the base it would be inherited and then be "taken".
    if (!('id' in file)) return { definition: null, issues: [{ path: ['id'], reason: 'is missing' }] };
    const extended = extendDefinition(base, file);
    issues.push(...extended.issues);
    value = extended.value;
  }
  const checked = checkDefinition(value);
  if (!checked.ok) {
    issues.push(
      ...checked.issues.map(({ path, reason }) => ({ path: asWritten(path, file, value), reason })),
    );
    return { definition: null, issues };
  }
  issues.push(...clashes(checked.definition, owners));
  const slow = slowPattern(checked.definition);
  if (slow) issues.push({ ...slow, path: asWritten(slow.path, file, value) });
  return { definition: checked.definition, issues };
}

function clashes(definition: ProviderDefinition, owners: ReadonlyMap<string, string>): DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  const owner = owners.get(definition.id);
  if (owner) issues.push({ path: ['id'], reason: `is taken: "${definition.id}" belongs to ${owner}` });
  for (const [index, alias] of definition.aliases.entries()) {
    const other = owners.get(alias);
    if (other) issues.push({ path: ['aliases', index], reason: `is taken: "${alias}" belongs to ${other}` });
  }
  return issues;
}

/** The merged flows are a list; a file that gave them by id is told about `flows.device`, not `flows[1]`. */
function asWritten(
  path: (string | number)[],
  file: Record<string, unknown>,
  merged: unknown,
): (string | number)[] {
  const [first, index, ...rest] = path;
  if (first !== 'flows' || typeof index !== 'number' || !isObject(file.flows) || !isObject(merged))
    return path;
  const flow: unknown = Array.isArray(merged.flows) ? merged.flows[index] : undefined;
  return isObject(flow) && typeof flow.id === 'string' ? ['flows', flow.id, ...rest] : path;
}

function toProblem(source: string, json: JsonSource, { path, reason }: DefinitionIssue): Problem {
  return {
    source,
    line: json.lineOf(path),
    reason: path.length === 0 ? reason : `"${pathText(path)}" ${reason}`,
  };
}

function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

class Untrusted extends Error {}

async function readTrusted(file: string): Promise<string> {
  // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new Untrusted('This is not a regular file.');
    const reason = distrust(facts, 'file', file);
    if (reason) throw new Untrusted(reason);
    if (facts.size > maxBytes) throw new Untrusted(`This file is larger than ${maxBytes / 1024} KiB.`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/** Why somebody else than the person could have written this, or `null`. */
function distrust(facts: { mode: number; uid: number }, what: string, path: string): string | null {
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  if (facts.uid !== uid && facts.uid !== 0) {
    return `This ${what} belongs to another user, and definitions name programs that are run.`;
  }
  if ((facts.mode & 0o022) !== 0) {
    return `Other users can write to this ${what}, and definitions name programs that are run. Run: chmod go-w '${path}'`;
  }
  return null;
}

function unreadable(error: unknown): string {
  if (error instanceof TypeError) return 'This file is not UTF-8 text.';
  return `This cannot be read (${errorCode(error) ?? 'unknown error'}).`;
}
