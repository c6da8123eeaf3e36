import { createContext, Script } from 'node:vm';
import type { ProviderDefinition } from './definition.ts';
import type { DefinitionIssue } from './definition-schema.ts';

/** Of each attempt, in characters: enough for what grows with the cube to be seen, no trouble for any other pattern. */
const repeats = 400;
/** How long one pattern may take over all attempts, ms. The second limit is for a machine that was busy. */
const limitsMs = [50, 400];

const attempts = new Script('for (const text of texts) new RegExp(source).exec(text);');

/**
 * The first pattern of a definition that would take for ever on some lines: everything a CLI prints, and some of what a person
 * types, is matched on the main thread, where one such line would freeze every window. They are tried on lines made to
 * provoke it, which finds the usual mistakes, such as `(a+)+$`, and not all there can be.
 */
export function slowPattern(definition: ProviderDefinition): DefinitionIssue | null {
  const slow = patternsOf(definition).find(({ source }) => isSlow(source));
  if (!slow) return null;
  const reason =
    'takes far too long on some texts: a repetition inside a repetition, such as (a+)+, is not needed';
  return { path: slow.path, reason };
}

interface Located {
  path: (string | number)[];
  source: string;
}

function patternsOf({ flows, proof, health, apiKey, program, selfTest }: ProviderDefinition): Located[] {
  const found: Located[] = [];
  const add = (path: (string | number)[], source: string | undefined) => {
    if (source !== undefined) found.push({ path, source });
  };
  const addWhole = (path: (string | number)[], source: string | undefined) =>
    add(path, source === undefined ? undefined : `^(?:${source})$`);
  for (const [index, flow] of flows.entries()) {
    const at = ['flows', index];
    const { failures, ...patterns } = flow.patterns;
    for (const [name, source] of Object.entries(patterns)) add([...at, 'patterns', name], source);
    for (const [n, failure] of failures.entries())
      add([...at, 'patterns', 'failures', n, 'pattern'], failure.pattern);
    for (const [n, answer] of flow.answers.entries()) add([...at, 'answers', n, 'question'], answer.question);
    for (const [n, parameter] of (flow.parameters ?? []).entries())
      addWhole([...at, 'parameters', n, 'accepts'], parameter.accepts);
    if (flow.paste.kind === 'code') addWhole([...at, 'paste', 'accepts'], flow.paste.accepts);
    add([...at, 'yields', 'pattern'], flow.yields?.pattern);
  }
  if (proof.kind === 'status-command') add(['proof', 'text'], proof.text);
  add(['health', 'signedOut'], health?.signedOut);
  add(['program', 'version', 'pattern'], program.version?.pattern);
  add(['selfTest', 'nobody'], selfTest?.nobody);
  addWhole(['apiKey', 'accepts'], apiKey?.accepts);
  return found;
}

function isSlow(source: string): boolean {
  const context = createContext({ source, texts: provocations(source) });
  return limitsMs.every((timeout) => {
    try {
      attempts.runInContext(context, { timeout });
      return false;
    } catch (error) {
      // An error of that context, so no instance of our Error.
      return (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    }
  });
}

/** Long runs of what the pattern names, after each of its plain words, with an end that nothing expects. */
function provocations(source: string): string[] {
  const words = source
    .replace(/\\[a-zA-Z]\{?|\[[^\]]*\]|\(\?<?[!=:]?|[\\^$.|?*+(){}]/g, '\u0000')
    .split('\u0000')
    .filter((word) => word.length > 1)
    .slice(0, 6);
  const characters = new Set(['a', 'A', '0', ' ', '-', '.', '/', '_', ...source.replace(/\\[a-zA-Z]/g, '')]);
  const units = [...[...characters].slice(0, 40), ...words];
  return ['', ...words].flatMap((before) =>
    units.map((unit) => `${before}${unit.repeat(Math.ceil(repeats / unit.length))}\u0000`),
  );
}
