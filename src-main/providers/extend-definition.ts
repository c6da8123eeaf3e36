import type { ProviderDefinition } from './definition.ts';
import { type DefinitionIssue, isListedHost, withSamples } from './definition-schema.ts';

type JsonObject = Record<string, unknown>;

/** Where `null` is a value of its own; everywhere else it removes what the base has. */
const nullable = new Set([
  'configDir',
  'identity',
  'logout',
  'apiKey',
  'program.installCommand',
  'logout.args',
]);

/** Objects of several kinds: what belongs to the one kind makes no sense in the other, so they are not mixed. */
const replacedOnOtherKind = new Set(['proof', 'paste', 'from']);

/** Keys of a file that are instructions to the merge and not part of a definition. */
const instructions = new Set(['extends', 'flows', 'flowOrder']);

/**
 * Lays a user's file over the definition that it extends: objects merge key by key, lists and everything else
 * replace, `null` removes. `flows` as an object changes single flows by id, `flowOrder` picks and orders them.
 * Aliases are not inherited, they belong to the base; the name gets the id behind it unless the file gives one. A
 * verification URL is inherited only where its host is still allowed.
 *
 * @param file the parsed file; its values are not checked here, the merged result is checked as a whole
 */
export function extendDefinition(
  base: ProviderDefinition,
  file: JsonObject,
): { value: JsonObject; issues: DefinitionIssue[] } {
  const issues: DefinitionIssue[] = [];
  const changes = Object.fromEntries(Object.entries(file).filter(([key]) => !instructions.has(key)));
  const start = { ...structuredClone(base), aliases: [], name: `${base.name} (${String(file.id)})` };
  const merged = merge(start, changes, '');
  const mergedFlows = dropForeignUrls(base, mergeFlows(base, file.flows, issues), merged.allowedHosts);
  return { value: { ...merged, flows: pickFlows(mergedFlows, file.flowOrder, issues) }, issues };
}

function merge(base: JsonObject, changes: JsonObject, path: string): JsonObject {
  const result = new Map(Object.entries(base));
  for (const [key, change] of Object.entries(changes)) {
    const keyPath = path === '' ? key : `${path}.${key}`;
    const before = result.get(key);
    if (change === null && !nullable.has(keyPath)) result.delete(key);
    else if (isObject(before) && isObject(change) && !changesKind(key, before, change)) {
      result.set(key, merge(before, change, keyPath));
    } else result.set(key, change);
  }
  return Object.fromEntries(result);
}

function changesKind(key: string, before: JsonObject, change: JsonObject): boolean {
  return replacedOnOtherKind.has(key) && 'kind' in change && change.kind !== before.kind;
}

function mergeFlows(base: ProviderDefinition, changes: unknown, issues: DefinitionIssue[]): unknown {
  if (changes === undefined) return structuredClone(base.flows);
  if (!isObject(changes)) return changes;
  const flows = new Map<string, unknown>(structuredClone(base.flows).map((flow) => [flow.id, flow]));
  for (const [id, change] of Object.entries(changes)) {
    const before = flows.get(id);
    if (change === null) flows.delete(id);
    else if (!isObject(change)) {
      issues.push({ path: ['flows', id], reason: 'must be an object {...}' });
    } else if ('id' in change && change.id !== id) {
      issues.push({ path: ['flows', id, 'id'], reason: `must be left out or be "${id}"` });
    } else flows.set(id, isObject(before) ? merge(before, change, `flows.${id}`) : { ...change, id });
  }
  return [...flows.values()];
}

/** A company's own codes must not be taken to the base's public page when the CLI prints no link. */
function dropForeignUrls(base: ProviderDefinition, flows: unknown, allowedHosts: unknown): unknown {
  if (!Array.isArray(flows) || !isListOfText(allowedHosts)) return flows;
  const inherited = new Map(base.flows.map(({ id, verificationUrl }) => [id, verificationUrl]));
  return flows.map((flow: unknown) => {
    if (!isObject(flow) || typeof flow.id !== 'string') return flow;
    const url = inherited.get(flow.id);
    if (url === undefined || flow.verificationUrl !== url) return flow;
    const own = base.flows.find(({ id }) => id === flow.id);
    const known = own && withSamples({ ...base, allowedHosts }, own);
    if (!known?.verificationUrl) return flow;
    if (isListedHost(new URL(known.verificationUrl).hostname, known.allowedHosts)) return flow;
    const { verificationUrl: _, ...rest } = flow;
    return rest;
  });
}

function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function pickFlows(flows: unknown, order: unknown, issues: DefinitionIssue[]): unknown {
  if (order === undefined || !Array.isArray(flows)) return flows;
  if (!Array.isArray(order) || order.length === 0) {
    issues.push({ path: ['flowOrder'], reason: 'must be a list [...] of flow ids' });
    return flows;
  }
  const picked: unknown[] = [];
  for (const [index, id] of order.entries()) {
    const flow = flows.find((candidate) => isObject(candidate) && candidate.id === id);
    if (flow === undefined) {
      issues.push({ path: ['flowOrder', index], reason: `names no flow: ${JSON.stringify(id)}` });
    } else if (picked.includes(flow)) {
      issues.push({ path: ['flowOrder', index], reason: `names ${JSON.stringify(id)} a second time` });
    } else picked.push(flow);
  }
  return picked;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
