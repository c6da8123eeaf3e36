import type { Secret } from './secret.ts';

const mark = '[redacted]';

/** Shorter ones would take ordinary words out of the text. */
const shortestSecret = 4;

/**
 * Takes secrets out of text that people or files get to see: the registered ones, and everything of a known shape.
 * Every pattern is linear: each begins where a word begins and cannot match in two ways.
 */
export class Redactor {
  /** Longest first, so that a secret inside a longer one does not leave the rest behind. */
  #registered: { text: string; encoded: RegExp }[] = [];

  /** Registers a secret for good, also in the forms that it takes in a URL, a form and JSON. */
  add(secret: Secret): void {
    const text = secret.reveal().trim();
    if (text.length < shortestSecret || this.#registered.some((known) => known.text === text)) return;
    const encoded = new RegExp([...text].map(waysToWrite).join(''), 'g');
    this.#registered = [...this.#registered, { text, encoded }].sort((a, b) => b.text.length - a.text.length);
  }

  /** The text with each secret replaced by `[redacted]`; names, prefixes and the text around them stay. */
  redact(text: string): string {
    let result = text;
    for (const { text: secret, encoded } of this.#registered) {
      if (result.includes(secret)) result = result.replaceAll(secret, mark);
      if (escapes.test(result)) result = result.replace(encoded, mark);
    }
    const scheme = result.indexOf('://');
    if (scheme !== -1) {
      if (result.includes('@', scheme)) result = result.replace(userInfo, `$1${mark}@`);
      if (result.includes('#', scheme)) result = result.replace(word, withoutFragment);
    }
    if (result.includes('=') || result.includes('%3D') || result.includes('%3d')) {
      result = result.replace(parameters, `$1${mark}`);
    }
    if (names.test(result)) result = result.replace(headers, `$1${mark}`).replace(assignments, `$1${mark}`);
    if (schemes.test(result)) {
      result = result.replace(credentials, (whole: string, name: string, token: string) =>
        /^[a-z]{1,16}$/i.test(token) ? whole : name + mark,
      );
    }
    return beginnings.test(result) ? result.replace(shapes, mark) : result;
  }
}

/** Without one of these a text is written as it is. */
const escapes = /[%+\\]/;

/** A character as itself, percent-encoded (RFC 3986) or as forms and JSON have it. */
function waysToWrite(character: string): string {
  const bytes = [...new TextEncoder().encode(character)];
  const percent = bytes.map((byte) => `%${anyCase(byte.toString(16).padStart(2, '0'))}`).join('');
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const unicode = units.map((unit) => `\\\\u${anyCase(unit.toString(16).padStart(4, '0'))}`).join('');
  const inJson = JSON.stringify(character).slice(1, -1);
  const ways = [character, inJson].map((way) => way.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return `(?:${[...new Set(ways), percent, unicode, ...(character === ' ' ? ['\\+'] : [])].join('|')})`;
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** Quick looks that spare most lines the slower patterns below. */
const names = /token|verifier|secret|passw|assertion|device_code|api[_-]?key|authorization|cookie/i;
const schemes = /bearer|basic/i;
const beginnings =
  /eyJ|sk-|hf_|gsk_|xai-|AQ\.|gh[oprsu]_|github_pat_|ya29\.|AIza|A[KS]IA|[14]\/|GOCSPX-|glpat-|xox[a-z]-|npm_/;

/** User name and password of a URL: `https://user:password@host`. */
const userInfo = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]*@/gi;

const word = /[^\s"'<>]+/g;

function withoutFragment(text: string): string {
  const scheme = text.indexOf('://');
  const start = scheme === -1 ? -1 : text.indexOf('#', scheme);
  return start === -1 || start === text.length - 1 ? text : `${text.slice(0, start + 1)}${mark}`;
}

/** Query values by name (O-11), also inside a URL that is itself a query value. */
const parameters =
  /((?:[?&#;]|%3F|%26|%23)(?:code|state|authorization_code|oauth_token|oauth_verifier|id_token_hint|access_token|refresh_token|id_token|code_verifier|client_secret|password|assertion|client_assertion|device_code|token|session_token|api_key|key)(?:=|%3D))(?:[^\s&#"'<>;%]|%(?!26|23))+/gi;

/** The same names outside a URL, where they are unmistakable: forms, JSON, environment files. */
const assignments =
  /((?<![a-z0-9])(?:access_?token|refresh_?token|id_?token|code_?verifier|client_?secret|secret_?access_?key|session_?token|device_code|authorization_code|oauth_token|oauth_verifier|id_token_hint|x-api-key|api[_-]key|access-token|password|passwd|assertion|[a-z0-9_]{0,40}(?:_api_key|_auth_token|_oauth_token|_secret_access_key))["']?\s{0,4}[=:]\s{0,4}["']?)(?![<[])[^\s"'&,;{}]+/gi;

/** Headers that are a secret as a whole, but for the scheme before it. */
const headers =
  /((?<![a-z0-9-])(?:authorization:\s{0,4}token\s{1,4}|(?:set-)?cookie:\s{0,4}))[^\s"']+[^\n"']*/gi;

/** Values of an Authorization header; a plain word after "bearer" is a word. */
const credentials = /(\b(?:bearer\s{1,4}|basic\s{1,4}(?=[a-z0-9+/=]{12})))([a-z0-9._~+/=-]+)/gi;

/** Tokens that are known by how they begin. */
const shapes = new RegExp(
  `(?<![A-Za-z0-9_-])(?:${[
    // JSON Web Tokens, signed or encrypted.
    'eyJ[\\w-]{6,}(?:\\.[\\w-]*){1,4}',
    // OpenAI, Anthropic and others.
    'sk-[\\w-]{12,}',
    // GitHub.
    'gh[oprsu]_[A-Za-z0-9]{12,}',
    'github_pat_\\w{12,}',
    // Google: access token, API key, refresh token, authorization code, client secret.
    'ya29\\.[\\w.-]{8,}',
    'AIza[\\w-]{20,}',
    '1\\/\\/[\\w-]{12,}',
    '4\\/(?=[\\w-]*\\d)[\\w-]{16,}',
    'GOCSPX-[\\w-]{12,}',
    // AWS key ids.
    'A[KS]IA[A-Z0-9]{12,}',
    // GitLab, Slack, npm.
    'glpat-[\\w-]{12,}',
    'xox[a-z]-[\\w-]{10,}',
    'npm_[A-Za-z0-9]{20,}',
    // Hugging Face, Groq, xAI, and Google's newer API keys.
    'hf_[A-Za-z0-9]{16,}',
    'gsk_[A-Za-z0-9]{16,}',
    'xai-[\\w-]{16,}',
    'AQ\\.[\\w-]{16,}',
  ].join('|')})`,
  'g',
);
