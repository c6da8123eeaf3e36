import { evaluate, parse } from '@humanwhocodes/momoa';
import { jwtClaims } from '../../jwt-claims.ts';

/**
 * Reads a field of JSON data by a path of segments. A segment that ends in `:jwt` is read as a JWT, whose payload the
 * rest of the path goes into; its signature is not checked, because the text comes from the CLI's own file.
 * @returns undefined where the path leads nowhere
 */
export function readField(data: unknown, path: string | readonly string[]): unknown {
  const segments = typeof path === 'string' ? path.split('.') : path;
  let value: unknown = data;
  for (const segment of segments) {
    const isJwt = segment.endsWith(':jwt');
    const key = isJwt ? segment.slice(0, -':jwt'.length) : segment;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
    if (isJwt) value = typeof value === 'string' ? jwtClaims(value) : undefined;
  }
  return value;
}

/** What a field holds where nobody is signed in: nothing, an empty text, an empty list. */
export function isEmptyValue(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/**
 * JSON, also with comments: copilot 1.0.102 begins its config.json with two of them.
 * @returns undefined for text that is not JSON
 */
export function parseJson(text: string): unknown {
  for (const read of [JSON.parse, readWithComments]) {
    try {
      return read(text);
    } catch {
      // The next reader takes more.
    }
  }
  return undefined;
}

function readWithComments(text: string): unknown {
  return evaluate(parse(text, { mode: 'jsonc' }));
}
