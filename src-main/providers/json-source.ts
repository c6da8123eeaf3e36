import { parse, type ValueNode } from '@humanwhocodes/momoa';

/** A JSON text that is not one. `line` counts from 1. */
export class JsonSyntaxError extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.name = 'JsonSyntaxError';
    this.line = line;
  }
}

export interface JsonSource {
  value: unknown;
  /** Keys that stand twice in one object: JSON takes the last without a word, which is never what was meant. */
  repeated: { path: (string | number)[]; line: number }[];
  /** The line, from 1, of the deepest part of `path` that the text has. */
  lineOf(path: readonly (string | number)[]): number;
}

/**
 * Reads JSON (RFC 8259: no comments, no trailing commas) and remembers where everything stands.
 * @throws JsonSyntaxError
 */
export function parseJsonSource(text: string): JsonSource {
  refuseUnreadable(text);
  const root = parseTree(text);
  const repeated: JsonSource['repeated'] = [];
  return {
    value: toValue(root, [], repeated),
    repeated,
    lineOf: (path) => lineOf(root, path),
  };
}

/** Far above any definition, far below what exhausts the stack. */
const deepest = 100;

/**
 * Refuses what the parser would say too little about: it takes a line break inside quotes, and would then complain
 * about some later line; and nothing says where the stack ended.
 */
function refuseUnreadable(text: string): void {
  let line = 1;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\n') {
      if (inString) throw new JsonSyntaxError(line, 'a text in quotes is not closed on this line');
      line++;
    } else if (char === '"') inString = !inString;
    else if (char === '\\' && inString) at++;
    else if (inString) continue;
    else if (char === '[' || char === '{') {
      depth++;
      if (depth > deepest) throw new JsonSyntaxError(line, `this is nested more than ${deepest} levels deep`);
    } else if (char === ']' || char === '}') depth--;
  }
}

function parseTree(text: string): ValueNode {
  try {
    return parse(text, { mode: 'json' }).body;
  } catch (error) {
    throw asSyntaxError(error);
  }
}

const tokenTexts: Record<string, string> = {
  LBrace: '"{"',
  RBrace: '"}"',
  LBracket: '"["',
  RBracket: '"]"',
  Comma: '","',
  Colon: '":"',
  String: 'a text in quotes',
  Number: 'a number',
  Boolean: 'true or false',
  Null: 'null',
};

function asSyntaxError(error: unknown): JsonSyntaxError {
  if (!(error instanceof Error) || !('line' in error) || typeof error.line !== 'number') {
    return new JsonSyntaxError(1, 'this is not JSON that can be read');
  }
  const message = error.message.replace(/ \(\d+:\d+\)$/, '');
  if (message.includes('end of input')) return new JsonSyntaxError(error.line, 'the file ends too early');
  const token = /^Unexpected token (\w+) found/.exec(message)?.[1];
  if (token !== undefined) {
    const found = tokenTexts[token] ?? token;
    return new JsonSyntaxError(
      error.line,
      `${found} is not expected here; look for a comma too many or too few`,
    );
  }
  const character = /^Unexpected (?:character|identifier) '([\s\S]+)' found/.exec(message)?.[1];
  if (character === '/') return new JsonSyntaxError(error.line, 'JSON has no comments');
  if (character !== undefined) {
    return new JsonSyntaxError(
      error.line,
      `"${character}" is not expected here; names and texts need quotes`,
    );
  }
  return new JsonSyntaxError(error.line, message);
}

function toValue(node: ValueNode, path: (string | number)[], repeated: JsonSource['repeated']): unknown {
  switch (node.type) {
    case 'Object': {
      const entries = new Map<string, unknown>();
      for (const member of node.members) {
        const key = keyOf(member.name);
        const memberPath = [...path, key];
        if (entries.has(key)) repeated.push({ path: memberPath, line: member.loc.start.line });
        entries.set(key, toValue(member.value, memberPath, repeated));
      }
      // Own properties whatever the key is called: `__proto__` must not become the prototype.
      return Object.fromEntries(entries);
    }
    case 'Array':
      return node.elements.map((element, index) => toValue(element.value, [...path, index], repeated));
    case 'String':
    case 'Number':
    case 'Boolean':
      return node.value;
    case 'Null':
      return null;
    default:
      throw new JsonSyntaxError(node.loc.start.line, 'this is not a JSON value');
  }
}

function keyOf(name: { type: 'String'; value: string } | { type: 'Identifier'; name: string }): string {
  return name.type === 'String' ? name.value : name.name;
}

function lineOf(root: ValueNode, path: readonly (string | number)[]): number {
  let node = root;
  let line = root.loc.start.line;
  for (const step of path) {
    if (node.type === 'Object') {
      const member = node.members.findLast(({ name }) => keyOf(name) === step);
      if (!member) break;
      line = member.loc.start.line;
      node = member.value;
    } else if (node.type === 'Array') {
      const element = node.elements[Number(step)];
      if (!element) break;
      line = element.loc.start.line;
      node = element.value;
    } else break;
  }
  return line;
}
