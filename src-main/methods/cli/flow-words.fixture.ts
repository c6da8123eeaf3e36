import type * as fc from 'fast-check';
import { builtInProviders } from '../../providers/built-in.ts';
import type { FlowDefinition } from '../../providers/definition.ts';
import { demoProvider } from '../../providers/demo.ts';
import { fillDefinition } from '../../providers/parameters.ts';
import { textFor } from './pattern-text.fixture.ts';

/** One way to sign in, and what its program may say. */
export interface FlowWords {
  name: string;
  flow: FlowDefinition;
  /** Empty where any https host will do (L-2). */
  hosts: string[];
  /** Announces a link. Null: nothing does, or no printed link counts at all. */
  announcement: fc.Arbitrary<string> | null;
  takesPrintedLinks: boolean;
  /** A code, and what has to stand right before it. Null: the flow has none. */
  code: fc.Arbitrary<{ before: string; code: string }> | null;
  anchor: fc.Arbitrary<string> | null;
  prompt: fc.Arbitrary<string> | null;
  success: fc.Arbitrary<string>;
}

const usualCode = '[A-Z0-9]{4}-[A-Z0-9]{4}';
const usualSuccess = 'You are (?:logged in|signed in|authenticated)|Login succeeded|Login was successful';

/** Every flow of every provider that comes with the app. */
export function builtInFlows(): FlowWords[] {
  return builtInProviders(demoProvider({ file: '/opt/lanyard', args: [] }, 'http://127.0.0.1:4000')).flatMap(
    (definition) =>
      definition.flows.map((each) => {
        const examples = (each.parameters ?? []).map(({ id, example }) => [id, example]);
        const { provider, flow } = fillDefinition(definition, each, Object.fromEntries(examples));
        // One that a person names stands for itself alone: without those, all that is said of a host is said of these.
        const listed = provider.allowedHosts.filter((host) => !host.startsWith('='));
        return wordsOf(`${provider.id} ${flow.id}`, flow, listed);
      }),
  );
}

function wordsOf(name: string, flow: FlowDefinition, hosts: string[]): FlowWords {
  const { link, code, codeAnchor, prompt, success } = flow.patterns;
  const optional = (source: string | undefined) => (source === undefined ? null : textFor(source));
  const announcement = optional(link);
  return {
    name,
    flow,
    hosts,
    announcement,
    takesPrintedLinks: link === undefined || announcement !== null,
    code: flow.kind === 'device-code' ? codesOf(code ?? usualCode) : null,
    anchor: optional(codeAnchor),
    prompt: optional(prompt),
    success: some(success ?? usualSuccess),
  };
}

function some(source: string): fc.Arbitrary<string> {
  const texts = textFor(source);
  if (texts === null) throw new Error(`no text matches ${source}`);
  return texts;
}

/** The code is the first group of the pattern; without one it is all of it. */
function codesOf(source: string): fc.Arbitrary<{ before: string; code: string }> {
  const pattern = new RegExp(source);
  return some(source)
    .map((text) => {
      const code = pattern.exec(text)?.[1] ?? text;
      return { before: text.slice(0, text.indexOf(code)), code };
    })
    .filter(({ code }) => /^[A-Za-z0-9](?:.*[A-Za-z0-9])?$/.test(code));
}
