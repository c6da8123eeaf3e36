import type * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { aws } from './aws.ts';
import { sampleDefinition } from './definition.fixture.ts';
import type { FlowDefinition, ProviderDefinition } from './definition.ts';
import { checkDefinition, type ProviderDefinitionSchema } from './definition-schema.ts';

function issuesOf(value: unknown): string[] {
  const checked = checkDefinition(value);
  return checked.ok ? [] : checked.issues.map(({ path, reason }) => `${path.join('.')}: ${reason}`);
}

/** The sample with one value replaced, wherever it is: `withValue('flows.0.patterns.success', '(')`. */
function withValue(path: string, value: unknown): unknown {
  const copy: Record<string, unknown> = JSON.parse(JSON.stringify(sampleDefinition()));
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let at: Record<string, unknown> = copy;
  for (const step of steps) at = at[step] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

/** Optional fields made required: one that only the type or only the schema has would be assignable otherwise. */
type Full<T> = T extends readonly (infer Item)[]
  ? Full<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Full<T[Key]> }
    : T;

describe('checkDefinition', () => {
  it('knows the fields of the type, all and no others (seen by the type check)', () => {
    type Known = Full<v.InferOutput<typeof ProviderDefinitionSchema>>;
    expectTypeOf<Known>().toEqualTypeOf<Full<ProviderDefinition>>();
  });

  it('takes a complete definition unchanged', () => {
    const checked = checkDefinition(sampleDefinition());
    expect(checked).toEqual({ ok: true, definition: sampleDefinition() });
  });

  it('takes every variant: credential file, pasted code, nulls, no optional field', () => {
    const [first] = sampleDefinition().flows;
    const flow: FlowDefinition = {
      ...(first as FlowDefinition),
      kind: 'paste',
      paste: { kind: 'code', accepts: '[^#]+#.+', example: 'a#b', enterSeparately: true, join: 'code#state' },
      patterns: { failures: [{ pattern: 'denied', code: 'denied', title: 'Denied.', hint: 'Try again.' }] },
      answers: [{ question: 'Continue\\?', reply: 'y' }],
    };
    const { timeoutSeconds: _, ...rest } = sampleDefinition();
    const definition: ProviderDefinition = {
      ...rest,
      flows: [flow],
      proof: { kind: 'credential-file', path: 'auth/credentials.json', field: 'tokens.access' },
      identity: {
        from: { kind: 'file', path: 'auth/credentials.json' },
        email: ['tokens.x', 'id_token:jwt', 'email'],
      },
      logout: { args: null },
      apiKey: null,
      program: { names: ['/opt/acme/bin/acme', 'C:\\acme\\acme.exe'], args: [], installCommand: null },
      allowedHosts: ['127.0.0.1', 'localhost', 'xn--bcher-kva.example'],
    };
    expect(checkDefinition(definition)).toEqual({ ok: true, definition });
  });

  it('takes a provider that is an API key and nothing else, and none without one', () => {
    const definition = sampleDefinition({
      program: { names: [], args: [], installCommand: null },
      flows: [],
      proof: { kind: 'none' },
      identity: null,
    });
    expect(checkDefinition(definition)).toEqual({ ok: true, definition });
    expect(issuesOf({ ...definition, apiKey: null })).toEqual([
      'flows: needs at least one flow, or there must be an "apiKey"',
    ]);
  });

  it.each([
    ['name', undefined, 'name: is missing'],
    ['colour', 'red', 'colour: is not a known field here'],
    ['flows.0.patterns.sucess', 'x', 'flows.0.patterns.sucess: is not a known field here'],
    ['name', 5, 'name: must be a text in quotes'],
    ['flows', {}, 'flows: must be a list [...]'],
    ['flows', [], 'proof.kind: must be "none" where there are no flows'],
    ['proof', { kind: 'none' }, 'proof.kind: can be "none" only where there are no flows'],
    ['program.names', [], 'program.names: needs at least one entry'],
    ['configDir.seed.0.text', 'both', 'configDir.seed.0: must have "json" or "text", and not both'],
    ['configDir.seed.0.json', undefined, 'configDir.seed.0: must have "json" or "text", and not both'],
    ['apiKey.check.refusedWith', [500], 'apiKey.check.refusedWith.0: must be a whole number from 400 to 499'],
    ['isolation', { linux: 'file' }, 'isolation.linux: must be an object {...}'],
    ['flows.0.renews', 'no', 'flows.0.renews: must be true or false'],
    ['flows.0.kind', 'qr', 'flows.0.kind: must be one of "browser", "device-code", "paste"'],
    ['flows.0.paste', { kind: 'url' }, 'flows.0.paste.kind: must be one of "none", "code", "callback"'],
    [
      'proof',
      { args: [] },
      'proof.kind: is missing; it must be one of "none", "status-command", "credential-file"',
    ],
    ['identity.email', 5, 'identity.email: must be a text in quotes or a list of them'],
    ['identity.email', 'a..b', 'identity.email: must be names joined by "."'],
    ['flows.1.id', 'browser', 'flows.1.id: is "browser" a second time'],
    ['flows.0.needs', 'two', 'flows.0.needs: is not a range of versions, such as ">=2.26.0"'],
    [
      'program.npmPackage',
      '@acme/cli@latest',
      'program.npmPackage: must be the name of an npm package, without a version',
    ],
    [
      'program.npmPackage',
      '--prefix',
      'program.npmPackage: must be the name of an npm package, without a version',
    ],
    [
      'program.version',
      { args: ['-V'], pattern: '\\d+' },
      'program.version.pattern: needs a group (...) around the version',
    ],
    [
      'flows.0.yields',
      { pattern: 'acme_[a-z]+', variable: 'ACME_TOKEN' },
      'flows.0.yields.pattern: needs a group (...) around the secret',
    ],
    [
      'flows.0.yields',
      { pattern: '(acme_[a-z]+)', variable: 'NODE_OPTIONS' },
      'flows.0.yields.variable: is never passed to a sign-in program',
    ],
  ])('says in plain words what is wrong: %s = %j', (path, value, expected) => {
    expect(issuesOf(withValue(path, value))).toContain(expected);
  });

  it('flows that yield a secret have one variable for it', () => {
    const { flows } = sampleDefinition();
    const yielding = (variables: string[]) =>
      sampleDefinition({
        flows: flows.map((flow, index) => ({
          ...flow,
          yields: { pattern: '(acme_[a-z]+)', variable: variables[index] ?? '' },
        })),
      });
    expect(issuesOf(yielding(['ACME_TOKEN', 'ACME_TOKEN']))).toEqual([]);
    expect(issuesOf(yielding(['ACME_TOKEN', 'ACME_OTHER']))).toEqual([
      'flows.1.yields.variable: must be "ACME_TOKEN", as in the other flow',
    ]);
  });

  it.each([
    '.',
    '..',
    '',
    'a/b',
    'a\\b',
    'A',
    'c:',
    'a\0',
    '-a',
    'a.',
    'nul',
    'com1.x',
    'constructor',
    'x'.repeat(65),
  ])('I-5: refuses %j as an id', (id) => {
    expect(issuesOf(withValue('id', id)).join()).toContain('id: ');
    expect(issuesOf(withValue('flows.0.id', id)).join()).toContain('flows.0.id: ');
    expect(issuesOf(withValue('aliases', [id])).join()).toContain('aliases.0: ');
  });

  it.each([
    'flows.0.patterns.link',
    'flows.0.patterns.code',
    'flows.0.patterns.codeAnchor',
    'flows.0.patterns.prompt',
    'flows.0.patterns.success',
    'flows.0.patterns.rejected',
    'proof.text',
    'apiKey.accepts',
  ])('refuses a pattern in %s that does not compile, or that matches everything', (path) => {
    expect(issuesOf(withValue(path, '('))).toContain(`${path}: is not a valid JavaScript regular expression`);
    expect(issuesOf(withValue(path, '(x)*')).join()).toContain(`${path}: also matches empty text`);
  });

  it('checks the patterns of failures, questions and pasted codes too', () => {
    const bad = '[';
    const failure = { pattern: bad, code: 'x', title: 't', hint: 'h' };
    const paste = { kind: 'code', accepts: bad, example: 'e', enterSeparately: false, join: 'code' };
    for (const [path, value] of [
      ['flows.0.patterns.failures', [failure]],
      ['flows.0.answers', [{ question: bad, reply: 'y' }]],
      ['flows.0.paste', paste],
    ] as const) {
      expect(issuesOf(withValue(path, value)).join()).toContain(
        'is not a valid JavaScript regular expression',
      );
    }
  });

  it.each(['Co\u202edex', 'Codex\n', 'Codex\u0085', 'Co\u2066dex', 'Co\u2028dex'])(
    'refuses %j as a name: it would be shown as something else',
    (name) => {
      expect(issuesOf(withValue('name', name))).toEqual([
        'name: must be one line without control characters',
      ]);
    },
  );

  it('wants a group around a device code', () => {
    expect(issuesOf(withValue('flows.1.patterns.code', '[A-Z]{4}'))).toEqual([
      'flows.1.patterns.code: needs a group (...) around the code',
    ]);
  });

  it.each([
    ['*.acme.test', 'wildcard'],
    ['Acme.test', 'lower case'],
    ['https://acme.test', 'without scheme'],
    ['acme.test:443', 'without scheme'],
    ['acme.test/x', 'without scheme'],
    ['user@acme.test', 'without scheme'],
    ['com', 'top-level'],
    ['acme..test', 'not a host name'],
    ['-acme.test', 'not a host name'],
    ['bücher.example', 'not a host name'],
    ['', 'not a host name'],
  ])('L-1: refuses %j as an allowed host', (host, reason) => {
    expect(issuesOf(withValue('allowedHosts', [host])).join()).toContain(reason);
  });

  it.each([
    'http://api.acme.test/me',
    'ftp://acme.test/',
    'https://user:pass@acme.test/',
    'javascript:alert(1)',
    'acme.test',
  ])('refuses %j as the address of the key check and as a verification URL', (address) => {
    expect(issuesOf(withValue('apiKey.check.url', address)).join()).toContain('must be an https address');
    expect(issuesOf(withValue('flows.1.verificationUrl', address)).join()).toContain(
      'must be an https address',
    );
  });

  it.each([
    'http://127.0.0.1:8080/me',
    'http://localhost/me',
    'http://[::1]:1/me',
    'https://api.acme.test/me',
  ])('takes %j as the address of the key check', (address) => {
    expect(issuesOf(withValue('apiKey.check.url', address))).toEqual([]);
  });

  it('L-3: refuses a verification URL that is not on an allowed host, and takes a subdomain', () => {
    expect(issuesOf(withValue('flows.1.verificationUrl', 'https://notacme.test/device'))).toEqual([
      'flows.1.verificationUrl: is not on a host in "allowedHosts"',
    ]);
    expect(issuesOf(withValue('flows.1.verificationUrl', 'https://login.acme.test/device'))).toEqual([]);
  });

  describe('parameters', () => {
    const host = {
      id: 'host',
      label: 'Host',
      example: 'acme.test',
      accepts: '.+',
      required: true,
      kind: 'host',
    } as const;
    const withHost = (changes: Partial<ProviderDefinition>, flow: Partial<FlowDefinition> = {}) => {
      const [browser, ...others] = sampleDefinition().flows;
      if (!browser) throw new Error('the sample has a flow');
      const flows = [{ ...browser, parameters: [host], ...flow }, ...others];
      return issuesOf(sampleDefinition({ flows, ...changes }));
    };

    it('may stand in every place that a sign-in fills in, and a host for an allowed host', () => {
      const issues = withHost(
        {
          allowedHosts: ['acme.test', '{param:host}', '=only.acme.test'],
          environment: { set: { ACME_HOST: '{param:host}' }, unset: [] },
          configDir: {
            variable: 'ACME_HOME',
            seed: [
              { path: 'a', text: 'x = {param:host}' },
              { path: 'b', json: { in: ['{param:host}'] } },
            ],
          },
          proof: { kind: 'status-command', args: ['--host={param:host}'], json: { field: 'a', equals: 1 } },
          logout: { args: ['{param:host}'] },
        },
        { args: ['--host', '{param:host}'], verificationUrl: 'https://{param:host}/device' },
      );
      expect(issues).toEqual([]);
    });

    it.each<[Partial<ProviderDefinition>, Partial<FlowDefinition>, string]>([
      [
        {},
        { args: ['{param:tenant}'] },
        'flows.0.args.0: names the parameter "tenant", which is not asked for',
      ],
      [
        {},
        { environment: { ACME_HOST: '{param:b}' } },
        'flows.0.environment.ACME_HOST: names the parameter "b", which is not asked for',
      ],
      [{}, { args: ['{param:a-b}'] }, 'flows.0.args.0: has a "{param:" that is not written {param:id}'],
      [
        { environment: { set: { A: 'x{param:b}' }, unset: [] } },
        {},
        'environment.set.A: names the parameter "b", which is not asked for',
      ],
      [
        { configDir: { variable: 'A', seed: [{ path: 'a', json: { '{param:b}': 1 } }] } },
        {},
        'configDir.seed.0.json.{param:b}: names the parameter "b", which is not asked for',
      ],
      [
        { allowedHosts: ['x.{param:host}'] },
        {},
        'allowedHosts.0: must be a host name alone, without scheme, port or path',
      ],
      [{}, { parameters: [host, host] }, 'flows.0.parameters.1.id: is "host" a second time'],
      [
        { allowedHosts: ['acme.test', '{param:host}'] },
        { parameters: [{ ...host, kind: 'text' }] },
        'allowedHosts.1: must be a parameter of kind "host" or "url"',
      ],
      [
        {},
        { parameters: [{ ...host, default: 'https://x' }] },
        'flows.0.parameters.0.default: is refused: This must be a host name alone, such as acme.test.',
      ],
      [
        {},
        { verificationUrl: 'https://{param:host}/device' },
        'flows.0.verificationUrl: is not on a host in "allowedHosts"',
      ],
      [
        { allowedHosts: ['{param:host}', 'acme.test'] },
        { verificationUrl: 'https://evil.{param:host}/device' },
        'flows.0.verificationUrl: is not on a host in "allowedHosts"',
      ],
      [
        { allowedHosts: ['{param:host}', 'acme.test'] },
        { verificationUrl: 'ftp://{param:host}/' },
        'flows.0.verificationUrl: must be an https address (http only for this machine), without a user name',
      ],
      [{}, { parameters: [{ ...host, accepts: '(' }] }, 'flows.0.parameters.0.accepts: is not a valid'],
      [{}, { parameters: [{ ...host, id: '1' }] }, 'flows.0.parameters.0.id: must be a letter'],
    ])('%#: says what cannot be', (changes, flow, issue) => {
      expect(withHost(changes, flow).join('\n')).toContain(issue);
    });
  });

  it('wants the key in the check, and header values on one line', () => {
    expect(issuesOf(withValue('apiKey.check.headers', { authorization: 'Bearer' })).join()).toContain(
      '{key}',
    );
    expect(issuesOf(withValue('apiKey.check.headers', { a: '{key}\r\nx: y' })).join()).toContain(
      'must be one line',
    );
    expect(issuesOf(withValue('apiKey.check.headers', { 'a b': '{key}' })).join()).toContain(
      'is not a header name',
    );
  });

  it('wants the file that a sign-in of ours at IAM Identity Center begins with', () => {
    expect(issuesOf(withValue('flows.0.by', 'identity-center'))).toEqual([
      'flows.0.by: needs ".aws/config" in "configDir.seed"',
    ]);
    expect(issuesOf(aws)).toEqual([]);
  });

  it.each([0, -1, 1.5, 3601, Number.NaN])('S-8: refuses %j as a time limit in seconds', (seconds) => {
    const checked = checkDefinition({ ...sampleDefinition(), timeoutSeconds: seconds });
    expect(checked.ok).toBe(false);
  });

  it.each(['NODE_OPTIONS', 'LD_PRELOAD', 'DYLD_INSERT_LIBRARIES', 'ELECTRON_RUN_AS_NODE', 'node_options'])(
    'X-5: refuses to set %s',
    (name) => {
      expect(issuesOf(withValue('environment.set', { [name]: 'x' }))).toEqual([
        `environment.set.${name}: is never passed to a sign-in program`,
      ]);
    },
  );

  it.each(['../auth.json', '/etc/passwd', 'a/../../b', 'C:\\x', 'a\\b', 'a//b', '', './a'])(
    'I-5: refuses %j as a file below the directory',
    (path) => {
      expect(issuesOf(withValue('configDir.seed', [{ path, json: 1 }])).join()).toContain(
        'configDir.seed.0.path',
      );
      expect(issuesOf(withValue('proof', { kind: 'credential-file', path })).join()).toContain('proof.path');
    },
  );

  it.each(['./acme', '~/bin/acme', 'bin/acme', '-acme'])('refuses %j as a program', (name) => {
    expect(issuesOf(withValue('program.names', [name])).join()).toContain('program.names.0');
  });

  it('refuses an install command of several lines: pasted into a terminal, each would run', () => {
    expect(issuesOf(withValue('program.installCommand', 'npm i acme\nrm -rf x')).join()).toContain(
      'one line',
    );
  });

  it('sees what contradicts itself: files without a directory, an identity without its source', () => {
    const file: Partial<ProviderDefinition> = {
      configDir: null,
      proof: { kind: 'credential-file', path: 'auth.json' },
      identity: { from: { kind: 'file', path: 'auth.json' } },
    };
    expect(issuesOf(sampleDefinition(file)).map((issue) => issue.split(':')[0])).toEqual([
      'proof.path',
      'identity.from.path',
    ]);
    const moved = { ...file, environment: { set: { HOME: '{dir}' }, unset: [] } };
    expect(issuesOf(sampleDefinition(moved))).toEqual([]);
    expect(issuesOf(sampleDefinition({ proof: { kind: 'credential-file', path: 'auth.json' } }))).toEqual([
      'identity.from: needs "proof" to be a status command',
    ]);
  });

  it.each(['*', '*.json', 'sso/cache/*.json', 'auth.json'])(
    'takes %j as the path of a credential',
    (path) => {
      expect(issuesOf(withValue('health', { ask: 'files', credentials: [{ path }] }))).toEqual([]);
    },
  );

  it.each(['*/auth.json', 'a*.json', 'cache/**', '../*.json', '/*.json'])('refuses %j as one', (path) => {
    expect(issuesOf(withValue('health', { ask: 'files', credentials: [{ path }] })).join()).toContain(
      'health.credentials.0.path',
    );
  });

  it('I-12: sees a check that could never say anything', () => {
    expect(issuesOf(withValue('health', { ask: 'files' })).join()).toContain('health.credentials');
    const file: Partial<ProviderDefinition> = {
      proof: { kind: 'credential-file', path: 'auth.json' },
      identity: null,
      health: { ask: 'proof', signedOut: 'no', identity: { from: { kind: 'status-json' } } },
    };
    expect(issuesOf(sampleDefinition(file)).map((issue) => issue.split(':')[0])).toEqual([
      'health.signedOut',
      'health.identity.from',
    ]);
    const files = { configDir: null, health: { ask: 'files' as const, credentials: [{ path: 'a' }] } };
    expect(issuesOf(sampleDefinition(files)).join()).toContain('health.credentials.0.path');
  });
});
