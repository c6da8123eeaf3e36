import { posix, win32 } from 'node:path';
import semver from 'semver';
import * as v from 'valibot';
import type { FlowDefinition, ParameterDefinition, ProviderDefinition } from './definition.ts';
import { fillDefinition, parameterFault, parametersIn, wholeParameter } from './parameters.ts';
import { usesDirectory } from './uses-directory.ts';

/** One thing that is wrong with a definition: where, and why in words that follow the path. */
export interface DefinitionIssue {
  path: (string | number)[];
  reason: string;
}

export type CheckedDefinition =
  | { ok: true; definition: ProviderDefinition }
  | { ok: false; issues: DefinitionIssue[] };

/** Variables that change how any program is loaded; they reach no child, so setting one cannot be meant. */
const loaderVariables =
  /^(?:NODE_OPTIONS|NODE_REPL_EXTERNAL_MODULE|ELECTRON_RUN_AS_NODE|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|DYLD_.*)$/i;
const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

const text = (max: number) =>
  v.pipe(
    v.string(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(max, `has at most ${max} characters`),
    v.check(
      (value) => !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(value),
      'must be one line without control characters',
    ),
  );

const argument = v.pipe(
  v.string(),
  v.maxLength(4096, 'has at most 4096 characters'),
  v.check((value) => !value.includes('\0'), 'must not hold a NUL character'),
);
const args = v.pipe(v.array(argument), v.maxLength(64, 'has at most 64 entries'));

/** Words that every object of JavaScript has: under one of them nothing is found again in a file of ours. */
const isPlainKey = (value: string): boolean => value !== 'constructor' && value !== 'prototype';
const plainKeyRule = 'is a word with a meaning of its own; take another one';

/** Safe path segment (I-5), lower case so that two ids never meet on a case-insensitive disk. */
const id = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/,
    'must be lower-case letters, digits, "-", "_" or ".", at most 64, and begin and end with a letter or digit',
  ),
  v.check(
    (value) => !/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/.test(value),
    'is a device name on Windows and cannot be a directory there',
  ),
  v.check(isPlainKey, plainKeyRule),
);

function compiles(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

const pattern = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(2000, 'has at most 2000 characters'),
  v.check(compiles, 'is not a valid JavaScript regular expression'),
  v.check(
    (source) => !compiles(source) || !new RegExp(source).test(''),
    'also matches empty text, so it would match everything',
  ),
);
/** Must match the whole text, so an alternative inside may be empty but the whole may not. */
const wholePattern = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(2000, 'has at most 2000 characters'),
  v.check(compiles, 'is not a valid JavaScript regular expression'),
  v.check(
    (source) => !compiles(source) || !new RegExp(`^(?:${source})$`).test(''),
    'also matches empty text, so it would accept nothing at all',
  ),
);
const groupPattern = (what: string) =>
  v.pipe(
    pattern,
    v.check(
      (source) => !compiles(source) || (new RegExp(`${source}|`).exec('')?.length ?? 0) > 1,
      `needs a group (...) around the ${what}`,
    ),
  );

const variable = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name of an environment variable'),
);
const settableVariable = v.pipe(
  variable,
  v.check((name) => !loaderVariables.test(name), 'is never passed to a sign-in program'),
);

const isRelativePath = (path: string): boolean =>
  !posix.isAbsolute(path) &&
  !win32.isAbsolute(path) &&
  !/[\\:]/.test(path) &&
  path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');

const relativePath = v.pipe(
  text(1024),
  v.check(isRelativePath, 'must be a path below the account\'s directory, with "/" and without ".."'),
);

const homePath = v.pipe(
  text(1024),
  v.check(
    (path) => path === '.' || isRelativePath(path),
    'must be a path below the home directory, with "/" and without "..", or "."',
  ),
);

const programName = v.pipe(
  text(4096),
  v.check(
    (name) => !/[\\/]/.test(name) || posix.isAbsolute(name) || win32.isAbsolute(name),
    'must be a bare name or an absolute path ("~" and relative paths are not looked up)',
  ),
  v.check((name) => !name.startsWith('-'), 'must not begin with "-"'),
);

const npmPackage = v.pipe(
  v.string(),
  v.maxLength(214, 'has at most 214 characters'),
  v.regex(
    /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/,
    'must be the name of an npm package, without a version',
  ),
);

const versionRange = v.pipe(
  text(80),
  v.check((range) => semver.validRange(range) !== null, 'is not a range of versions, such as ">=2.26.0"'),
);

const hostName = v.pipe(
  v.string(),
  v.check((value) => !value.includes('*'), 'must not have a wildcard: a host stands for its subdomains too'),
  v.check((value) => !/[/:@]/.test(value), 'must be a host name alone, without scheme, port or path'),
  v.check((value) => value === value.toLowerCase(), 'must be lower case'),
  v.check(
    (value) =>
      /[*/:@A-Z]/.test(value) ||
      (value.length <= 253 &&
        value.split('.').every((l) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(l))),
    'is not a host name',
  ),
  v.check(
    (value) => value === 'localhost' || value.includes('.') || /[*/:@A-Z]/.test(value),
    'is a whole top-level domain; name the host itself',
  ),
);

/** A host, `=` and a host, or a parameter that stands for one. */
const host = v.lazy((value) => {
  if (typeof value !== 'string') return hostName;
  if (wholeParameter(value) !== null) return v.string();
  if (!value.startsWith('=')) return hostName;
  return v.pipe(
    v.string(),
    v.transform((text) => text.slice(1)),
    hostName,
    v.transform((text) => `=${text}`),
  );
});

function parsedUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}

const urlRule = 'must be an https address (http only for this machine), without a user name';

function isUrl(value: string): boolean {
  const parsed = parsedUrl(value);
  if (parsed?.username !== '' || parsed.password !== '') return false;
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && loopbackHosts.has(parsed.hostname));
}

const urlText = v.pipe(v.string(), v.maxLength(4096, 'has at most 4096 characters'));
/** https, or http to this machine; never with a user name or password in it (L-1). */
const url = v.pipe(urlText, v.check(isUrl, urlRule));
/** Checked with sample values once it is known what its parameters are. */
const urlWithParameters = v.lazy((value) =>
  typeof value === 'string' && value.includes('{param:') ? urlText : url,
);

const whole = (min: number, max: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= min && value <= max,
      `must be a whole number from ${min} to ${max}`,
    ),
  );

const dottedPath = v.pipe(
  text(256),
  v.check((path) => path.split('.').every((part) => part !== ''), 'must be names joined by "."'),
);

/** Where one name has a dot in it, the names stand in a list. */
const fieldPath = v.union([
  dottedPath,
  v.pipe(v.array(text(256)), v.minLength(1, 'needs at least one entry')),
]);

const headerName = v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not a header name'));
const headerValue = v.pipe(
  v.string(),
  v.check((value) => !/[\0\r\n]/.test(value), 'must be one line'),
);

const failure = v.strictObject({
  pattern,
  code: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower-case words joined by "_"')),
  title: text(200),
  hint: text(500),
  final: v.exactOptional(v.boolean()),
});

const parameter = v.strictObject({
  id: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z][A-Za-z0-9]{0,31}$/, 'must be a letter, then letters and digits, at most 32'),
    v.check(isPlainKey, plainKeyRule),
  ),
  label: text(60),
  hint: v.exactOptional(text(200)),
  example: text(120),
  accepts: wholePattern,
  required: v.boolean(),
  default: v.exactOptional(text(512)),
  kind: v.picklist(['text', 'url', 'host']),
});

const ownMethod = v.picklist(['identity-center']);

const flow = v.strictObject({
  id,
  label: text(80),
  kind: v.picklist(['browser', 'device-code', 'paste']),
  by: v.exactOptional(ownMethod),
  parameters: v.exactOptional(v.pipe(v.array(parameter), v.maxLength(6, 'has at most 6 entries'))),
  args,
  environment: v.exactOptional(v.record(settableVariable, argument)),
  transport: v.picklist(['pipe', 'pty']),
  paste: v.variant('kind', [
    v.strictObject({ kind: v.literal('none') }),
    v.strictObject({
      kind: v.literal('code'),
      accepts: wholePattern,
      example: text(200),
      enterSeparately: v.boolean(),
      join: v.picklist(['code', 'code#state']),
    }),
    v.strictObject({ kind: v.literal('callback') }),
  ]),
  patterns: v.strictObject({
    link: v.exactOptional(pattern),
    code: v.exactOptional(groupPattern('code')),
    codeAnchor: v.exactOptional(pattern),
    prompt: v.exactOptional(pattern),
    success: v.exactOptional(pattern),
    rejected: v.exactOptional(pattern),
    failures: v.array(failure),
  }),
  answers: v.array(v.strictObject({ question: pattern, reply: argument })),
  opens: v.picklist(['printed', 'captured']),
  renews: v.boolean(),
  codeLifetimeSeconds: v.exactOptional(whole(1, 86_400)),
  endsBy: v.picklist(['exit', 'proof']),
  verificationUrl: v.exactOptional(urlWithParameters),
  fixedPort: v.exactOptional(whole(1, 65_535)),
  yields: v.exactOptional(
    v.strictObject({
      pattern: groupPattern('secret'),
      variable: settableVariable,
      lifetimeSeconds: v.exactOptional(whole(1, 315_360_000)),
    }),
  ),
  portMayMove: v.exactOptional(v.boolean()),
  verified: v.exactOptional(text(80)),
  needs: v.exactOptional(versionRange),
});

const proof = v.variant('kind', [
  v.strictObject({ kind: v.literal('none') }),
  v.strictObject({
    kind: v.literal('status-command'),
    args,
    text: v.exactOptional(pattern),
    json: v.exactOptional(
      v.strictObject({ field: dottedPath, equals: v.union([v.string(), v.number(), v.boolean()]) }),
    ),
  }),
  v.strictObject({
    kind: v.literal('credential-file'),
    path: relativePath,
    field: v.exactOptional(dottedPath),
  }),
]);

const identity = v.strictObject({
  from: v.variant('kind', [
    v.strictObject({ kind: v.literal('status-json') }),
    v.strictObject({ kind: v.literal('file'), path: relativePath }),
  ]),
  email: v.exactOptional(fieldPath),
  login: v.exactOptional(fieldPath),
  accountId: v.exactOptional(fieldPath),
  organisationId: v.exactOptional(fieldPath),
  organisation: v.exactOptional(fieldPath),
  plan: v.exactOptional(fieldPath),
  issuer: v.exactOptional(fieldPath),
});

const namePattern = v.pipe(
  relativePath,
  v.check(
    (path) =>
      !path.includes('*', path.lastIndexOf('/') + 2) &&
      !path.slice(0, path.lastIndexOf('/') + 1).includes('*'),
    'may have one "*", at the beginning of its last part',
  ),
);

const health = v.strictObject({
  ask: v.picklist(['proof', 'files']),
  credentials: v.exactOptional(
    v.array(
      v.strictObject({
        path: namePattern,
        field: v.exactOptional(fieldPath),
        expires: v.exactOptional(v.strictObject({ field: fieldPath, unit: v.picklist(['ms', 's', 'iso']) })),
        refreshable: v.exactOptional(fieldPath),
      }),
    ),
  ),
  signedOut: v.exactOptional(pattern),
  identity: v.exactOptional(identity),
});

const seedFile = v.strictObject({
  path: relativePath,
  json: v.exactOptional(v.unknown()),
  text: v.exactOptional(v.pipe(v.string(), v.maxLength(65_536, 'has at most 65536 characters'))),
});

const apiKey = v.strictObject({
  kind: v.exactOptional(v.literal('pat')),
  variable: settableVariable,
  split: v.exactOptional(v.strictObject({ at: text(8), variable: settableVariable })),
  accepts: wholePattern,
  example: text(200),
  check: v.strictObject({
    by: v.exactOptional(v.literal('aws-sts')),
    url,
    headers: v.pipe(
      v.record(headerName, headerValue),
      v.check(
        (headers) => Object.values(headers).some((value) => value.includes('{key}')),
        'must have "{key}" in one value, or the check would not send the key',
      ),
    ),
    refusedWith: v.exactOptional(v.array(whole(400, 499))),
  }),
  home: v.exactOptional(v.strictObject({ seed: v.array(seedFile) })),
});

const place = v.strictObject({
  kept: v.picklist(['file', 'keychain', 'app']),
  where: text(300),
  keyedBy: text(200),
  sharedWith: v.picklist(['nobody', 'machine']),
  known: v.picklist(['tried', 'documented']),
});

const selfTest = v.strictObject({
  files: v.pipe(
    v.array(
      v.strictObject({
        ...seedFile.entries,
        gzip: v.exactOptional(
          v.pipe(v.string(), v.maxLength(65_536, 'has at most 65536 characters'), v.base64('is not base64')),
        ),
      }),
    ),
    v.minLength(1, 'needs at least one entry'),
  ),
  args,
  says: v.pipe(
    text(200),
    v.check(
      (says) => says.includes('{name}'),
      'must have "{name}" in it, or the two could not be told apart',
    ),
  ),
  nobody: v.exactOptional(pattern),
});

/** Names of parameters that the protocol itself sets: another value would break it, or weaken it. */
const protocolParameters =
  /^(?:client_id|client_secret|redirect_uri|response_type|response_mode|scope|state|nonce|code_challenge|code_challenge_method|request|request_uri)$/;

const endpoint = v.pipe(
  v.string(),
  v.check(
    isIssuerUrl,
    'must be an https address without user name, query or fragment (http on loopback only)',
  ),
);

const issuer = v.strictObject({
  url: v.pipe(
    v.string(),
    v.check(
      isIssuerUrl,
      'must be an https address without user name, query or fragment (http on loopback only)',
    ),
  ),
  clientId: text(500),
  scopes: v.pipe(
    v.array(v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, 'is not a scope'))),
    v.minLength(1, 'needs at least one entry'),
    v.maxLength(50, 'has at most 50 entries'),
  ),
  parameters: v.record(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_.-]{1,60}$/, 'is not a parameter name'),
      v.check((name) => !protocolParameters.test(name), 'is set by the protocol itself'),
    ),
    text(500),
  ),
  restriction: v.nullable(v.strictObject({ claim: text(100), value: text(500) })),
  callback: v.strictObject({
    port: whole(0, 65_535),
    path: v.pipe(v.string(), v.regex(/^\/[\w./~-]{0,200}$/, 'must be a path that begins with "/"')),
  }),
  endpoints: v.exactOptional(
    v.strictObject({
      authorize: v.exactOptional(endpoint),
      token: endpoint,
      device: v.exactOptional(endpoint),
      revoke: v.exactOptional(endpoint),
      person: v.exactOptional(
        v.strictObject({
          url: endpoint,
          subject: text(100),
          email: v.exactOptional(text(100)),
          name: v.exactOptional(text(100)),
        }),
      ),
      tokensStay: v.exactOptional(v.boolean()),
    }),
  ),
});

/** What a complete definition must look like; unknown keys are refused, so that a misspelt one is not lost. */
export const ProviderDefinitionSchema = v.strictObject({
  id,
  name: text(80),
  vendor: text(80),
  mark: v.pipe(v.string(), v.regex(/^[\p{L}\p{N}]{2}$/u, 'must be two letters')),
  aliases: v.array(id),
  program: v.strictObject({
    names: v.array(programName),
    args,
    shownAs: v.exactOptional(text(200)),
    installCommand: v.nullable(text(1000)),
    installCommandOn: v.exactOptional(
      v.strictObject({
        linux: v.exactOptional(text(1000)),
        macos: v.exactOptional(text(1000)),
        windows: v.exactOptional(text(1000)),
      }),
    ),
    npmPackage: v.exactOptional(npmPackage),
    version: v.exactOptional(v.strictObject({ args, pattern: v.exactOptional(groupPattern('version')) })),
  }),
  configDir: v.nullable(
    v.strictObject({
      variable: settableVariable,
      usual: v.exactOptional(homePath),
      seed: v.array(seedFile),
    }),
  ),
  environment: v.strictObject({
    set: v.record(settableVariable, argument),
    unset: v.array(variable),
    leads: v.exactOptional(v.array(variable)),
  }),
  allowedHosts: v.array(host),
  flows: v.array(flow),
  proof,
  identity: v.nullable(identity),
  health: v.exactOptional(health),
  logout: v.nullable(v.strictObject({ args: v.nullable(args), withoutProgram: v.exactOptional(ownMethod) })),
  apiKey: v.nullable(apiKey),
  isolation: v.exactOptional(v.strictObject({ linux: place, macos: place, windows: place })),
  selfTest: v.exactOptional(selfTest),
  issuer: v.exactOptional(issuer),
  verified: text(80),
  timeoutSeconds: v.exactOptional(whole(1, 3600)),
});

/**
 * Checks a value against the schema and against itself (unique flow ids, files only where there is a directory, ...).
 * @returns the definition, or everything that is wrong with it
 */
export function checkDefinition(value: unknown): CheckedDefinition {
  const result = v.safeParse(ProviderDefinitionSchema, value);
  if (!result.success) return { ok: false, issues: result.issues.map(explain) };
  const issues = contradictions(result.output);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, definition: result.output };
}

function contradictions(definition: ProviderDefinition): DefinitionIssue[] {
  const issues: DefinitionIssue[] = [
    ...keyOnlyContradictions(definition),
    ...parameterContradictions(definition),
  ];
  const files = {
    'configDir.seed': definition.configDir?.seed,
    'selfTest.files': definition.selfTest?.files,
    'apiKey.home.seed': definition.apiKey?.home?.seed,
  };
  for (const [path, list] of Object.entries(files)) {
    for (const [index, file] of (list ?? []).entries()) {
      if (['json', 'text', 'gzip'].filter((content) => content in file).length !== 1) {
        issues.push({
          path: [...path.split('.'), index],
          reason: 'must have "json" or "text", and not both',
        });
      }
    }
  }
  if (definition.apiKey?.home && !usesDirectory(definition)) {
    issues.push({
      path: ['apiKey', 'home'],
      reason: 'is a directory, but the program gets none: set "configDir", or a variable with "{dir}"',
    });
  }
  const flowIds = new Set<string>();
  for (const [index, each] of definition.flows.entries()) {
    if (flowIds.has(each.id)) {
      issues.push({ path: ['flows', index, 'id'], reason: `is "${each.id}" a second time` });
    }
    flowIds.add(each.id);
    if (each.by !== undefined && !definition.configDir?.seed.some(({ path }) => path === '.aws/config')) {
      issues.push({ path: ['flows', index, 'by'], reason: 'needs ".aws/config" in "configDir.seed"' });
    }
    const path = ['flows', index, 'verificationUrl'];
    const { verificationUrl, allowedHosts } = withSamples(definition, each);
    if (verificationUrl === undefined) continue;
    if (!isUrl(verificationUrl)) issues.push({ path, reason: urlRule });
    else if (!isListedHost(new URL(verificationUrl).hostname, allowedHosts)) {
      issues.push({ path, reason: 'is not on a host in "allowedHosts"' });
    }
  }
  // An account does not say which flow it came from, so its programs must read it in one place.
  const yielding = definition.flows.map(({ yields }) => yields?.variable);
  const variable = yielding.find((name) => name !== undefined);
  for (const [index, name] of yielding.entries()) {
    if (name !== undefined && name !== variable) {
      issues.push({
        path: ['flows', index, 'yields', 'variable'],
        reason: `must be "${variable}", as in the other flow`,
      });
    }
  }
  const hasDirectory = usesDirectory(definition);
  const noDirectory =
    'names a file, but the program gets no directory: set "configDir", or a variable with "{dir}"';
  if (definition.proof.kind === 'credential-file' && !hasDirectory) {
    issues.push({ path: ['proof', 'path'], reason: noDirectory });
  }
  if (definition.selfTest && !hasDirectory) issues.push({ path: ['selfTest'], reason: noDirectory });
  if (definition.identity?.from.kind === 'file' && !hasDirectory) {
    issues.push({ path: ['identity', 'from', 'path'], reason: noDirectory });
  }
  if (definition.identity?.from.kind === 'status-json' && definition.proof.kind !== 'status-command') {
    issues.push({ path: ['identity', 'from'], reason: 'needs "proof" to be a status command' });
  }
  return [...issues, ...healthContradictions(definition, hasDirectory ? null : noDirectory)];
}

function healthContradictions(
  { health: how, proof: by }: ProviderDefinition,
  noDirectory: string | null,
): DefinitionIssue[] {
  if (!how) return [];
  const issues: DefinitionIssue[] = [];
  const credentials = how.credentials ?? [];
  if (how.ask === 'files' && credentials.length === 0) {
    issues.push({
      path: ['health', 'credentials'],
      reason: 'needs at least one entry where "ask" is "files"',
    });
  }
  if (noDirectory !== null) {
    for (const index of credentials.keys()) {
      issues.push({ path: ['health', 'credentials', index, 'path'], reason: noDirectory });
    }
  }
  if (how.signedOut !== undefined && (how.ask === 'files' || by.kind !== 'status-command')) {
    issues.push({ path: ['health', 'signedOut'], reason: 'needs a status command that is asked' });
  }
  if (how.identity?.from.kind === 'status-json' && (how.ask === 'files' || by.kind !== 'status-command')) {
    issues.push({ path: ['health', 'identity', 'from'], reason: 'needs a status command that is asked' });
  }
  return issues;
}

/**
 * A flow's verification URL and the listed hosts with a made-up value in each of its parameters, a host of its own for
 * those that are hosts: what is listed then is listed for every value.
 */
export function withSamples(
  definition: ProviderDefinition,
  each: FlowDefinition,
): { verificationUrl: string | undefined; allowedHosts: string[] } {
  const samples = (each.parameters ?? []).map(({ id: name, kind }) => {
    const sampleHost = `${name.toLowerCase()}.parameter.invalid`;
    return [name, kind === 'url' ? `https://${sampleHost}` : kind === 'host' ? sampleHost : 'x'];
  });
  const { provider, flow: filled } = fillDefinition(definition, each, Object.fromEntries(samples));
  // Of another flow's parameters alone, it lists nobody here; that must not look like having no list.
  const allowedHosts = provider.allowedHosts.length > 0 ? provider.allowedHosts : definition.allowedHosts;
  return { verificationUrl: filled.verificationUrl, allowedHosts };
}

/** What names a parameter must name one that is asked; otherwise it would be left out, always. */
function parameterContradictions(definition: ProviderDefinition): DefinitionIssue[] {
  const { flows, program, configDir, environment, allowedHosts, proof: by, logout } = definition;
  const issues: DefinitionIssue[] = [];
  const asked = new Map<string, ParameterDefinition>();
  const check = (where: (string | number)[], value: unknown, known: ReadonlySet<string>): void => {
    if (typeof value === 'string') {
      const { ids, malformed } = parametersIn(value);
      if (malformed) issues.push({ path: where, reason: 'has a "{param:" that is not written {param:id}' });
      for (const unknown of ids.filter((name) => !known.has(name))) {
        issues.push({ path: where, reason: `names the parameter "${unknown}", which is not asked for` });
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        check([...where, Array.isArray(value) ? Number(name) : name], member, known);
        if (!Array.isArray(value)) check([...where, name], name, known);
      }
    }
  };
  for (const [index, each] of flows.entries()) {
    const { parameters = [], args: own, environment: variables, verificationUrl } = each;
    const known = new Set<string>();
    for (const [at, asking] of parameters.entries()) {
      const path = ['flows', index, 'parameters', at];
      if (known.has(asking.id))
        issues.push({ path: [...path, 'id'], reason: `is "${asking.id}" a second time` });
      known.add(asking.id);
      const kind = asked.get(asking.id)?.kind ?? asking.kind;
      if (kind !== asking.kind) {
        issues.push({ path: [...path, 'kind'], reason: `must be "${kind}", as in another flow` });
      }
      asked.set(asking.id, asking);
      const fault = asking.default === undefined ? null : parameterFault(asking, asking.default);
      if (fault !== null) issues.push({ path: [...path, 'default'], reason: `is refused: ${fault}` });
    }
    check(['flows', index, 'args'], own, known);
    check(['flows', index, 'environment'], variables, known);
    check(['flows', index, 'verificationUrl'], verificationUrl, known);
  }
  const everywhere = new Set(asked.keys());
  check(['program', 'args'], program.args, everywhere);
  for (const [index, { json, text: content }] of (configDir?.seed ?? []).entries()) {
    check(['configDir', 'seed', index, 'json'], json, everywhere);
    check(['configDir', 'seed', index, 'text'], content, everywhere);
  }
  check(['environment', 'set'], environment.set, everywhere);
  check(['allowedHosts'], allowedHosts, everywhere);
  if (by.kind === 'status-command') check(['proof', 'args'], by.args, everywhere);
  check(['logout', 'args'], logout?.args, everywhere);
  for (const [index, entry] of allowedHosts.entries()) {
    if (asked.get(wholeParameter(entry) ?? '')?.kind === 'text') {
      issues.push({ path: ['allowedHosts', index], reason: 'must be a parameter of kind "host" or "url"' });
    }
  }
  return issues;
}

/** A provider without flows lives on its API key; one with flows needs a program and a proof. */
function keyOnlyContradictions({
  flows,
  apiKey,
  program,
  proof: by,
  issuer,
}: ProviderDefinition): DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  if (flows.length === 0) {
    if (!apiKey)
      issues.push({ path: ['flows'], reason: 'needs at least one flow, or there must be an "apiKey"' });
    if (by.kind !== 'none') {
      issues.push({ path: ['proof', 'kind'], reason: 'must be "none" where there are no flows' });
    }
    return issues;
  }
  if (issuer) {
    if (program.names.length > 0)
      issues.push({ path: ['program', 'names'], reason: 'must be empty: an issuer needs no program' });
    if (by.kind !== 'none')
      issues.push({
        path: ['proof', 'kind'],
        reason: 'must be "none": the tokens of an issuer are the proof',
      });
    return issues;
  }
  if (program.names.length === 0)
    issues.push({ path: ['program', 'names'], reason: 'needs at least one entry' });
  if (by.kind === 'none') {
    issues.push({ path: ['proof', 'kind'], reason: 'can be "none" only where there are no flows' });
  }
  return issues;
}

function isIssuerUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname));
  return secure && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/** Whether a host is one of a definition's `allowedHosts` or below one; an empty list makes no rule. */
export function isListedHost(hostname: string, hosts: readonly string[]): boolean {
  return (
    hosts.length === 0 ||
    hosts.some((entry) =>
      entry.startsWith('=')
        ? hostname === entry.slice(1)
        : hostname === entry || hostname.endsWith(`.${entry}`),
    )
  );
}

function explain(issue: v.BaseIssue<unknown>): DefinitionIssue {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  if (issue.kind === 'validation') return { path, reason: issue.message };
  if (issue.expected === 'never') return { path, reason: 'is not a known field here' };
  const missing = issue.received === 'undefined';
  switch (issue.type) {
    case 'picklist':
    case 'variant':
    case 'literal': {
      const choices = (issue.expected ?? '').replace(/[()]/g, '').replaceAll(' | ', ', ');
      const rule = choices.includes(',') ? `must be one of ${choices}` : `must be ${choices}`;
      return { path, reason: missing ? `is missing; it ${rule}` : rule };
    }
    default:
      return { path, reason: missing ? 'is missing' : `must be ${kindOfValue(issue.type, issue.expected)}` };
  }
}

function kindOfValue(type: string, expected: string | null): string {
  switch (type) {
    case 'string':
      return 'a text in quotes';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list [...]';
    case 'union':
      return expected?.includes('Array')
        ? 'a text in quotes or a list of them'
        : 'a text, a number, true or false';
    default:
      return 'an object {...}';
  }
}
