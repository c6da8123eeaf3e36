import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleDefinition } from './definition.fixture.ts';
import { ProviderRegistry } from './registry.ts';
import { loadUserProviders } from './user-defined.ts';

const builtIns = [sampleDefinition()];
const posix = process.platform !== 'win32';
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'providers-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const put = async (name: string, content: unknown): Promise<void> => {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  await writeFile(join(directory, name), text, { mode: 0o600 });
};

const load = async () => {
  const { definitions, problems } = await loadUserProviders(directory, builtIns);
  return {
    definitions,
    ids: definitions.map(({ id }) => id),
    told: problems.map(({ source, line, reason }) => `${basename(source)}:${line ?? ''} ${reason}`),
  };
};

/** A complete definition of its own, as a file would hold it. */
const complete = (id: string) => sampleDefinition({ id, name: id, aliases: [] });

describe('loadUserProviders', () => {
  it('finds nothing wrong with a directory that does not exist', async () => {
    expect(await loadUserProviders(join(directory, 'none'), builtIns)).toEqual({
      definitions: [],
      problems: [],
    });
  });

  it('loads a complete definition, with a byte order mark or without, and no other files', async () => {
    await put('b.json', complete('own'));
    await put('a.json', `\uFEFF${JSON.stringify(complete('windows'))}`);
    await put('notes.txt', 'x');
    await put('.hidden.json', 'x');
    const { definitions, told } = await load();
    expect(told).toEqual([]);
    expect(definitions).toEqual([complete('windows'), complete('own')]);
  });

  it('I-13: a pattern that would freeze the app is named with its line, and the other files load', async () => {
    const slow = complete('slow');
    for (const flow of slow.flows) flow.patterns.success = '(a+)+$';
    await put('slow.json', slow);
    await put('sound.json', complete('sound'));
    const { ids, told } = await load();
    expect(ids).toEqual(['sound']);
    expect(told[0]).toMatch(
      /^slow\.json:\d+ "flows\[0\]\.patterns\.success" takes far too long on some texts/,
    );
  });

  it('extends a built-in, by id or alias: objects merge, lists replace, single flows change by id', async () => {
    await put('local.json', {
      id: 'acme-local',
      extends: 'acme-cli',
      program: { names: ['/opt/acme'] },
      flows: { device: { args: ['login', '--device', '--issuer', 'http://127.0.0.1:1'], fixedPort: null } },
      allowedHosts: ['127.0.0.1', 'acme.test'],
      environment: { set: { ACME_ISSUER: 'x' } },
      isolation: { macos: { kept: 'keychain', sharedWith: 'machine' } },
      timeoutSeconds: 5,
    });
    const { isolation } = sampleDefinition();
    if (!isolation) throw new Error('the sample says nothing of isolation');
    const { definitions, told } = await load();
    expect(told).toEqual([]);
    const [browser, device] = sampleDefinition().flows;
    const { fixedPort: _, ...deviceWithoutPort } = device ?? { fixedPort: 0 };
    expect(definitions).toEqual([
      sampleDefinition({
        id: 'acme-local',
        name: 'Acme (acme-local)',
        aliases: [],
        program: { names: ['/opt/acme'], args: ['auth'], installCommand: 'npm install -g acme' },
        flows: [
          browser as never,
          { ...deviceWithoutPort, args: ['login', '--device', '--issuer', 'http://127.0.0.1:1'] } as never,
        ],
        allowedHosts: ['127.0.0.1', 'acme.test'],
        environment: { set: { ACME_COLOR: 'never', ACME_ISSUER: 'x' }, unset: ['ACME_TOKEN'] },
        isolation: {
          ...isolation,
          macos: { ...isolation.macos, kept: 'keychain', sharedWith: 'machine' },
        },
        timeoutSeconds: 5,
      }),
    ]);
  });

  it('does not change the definition that it extends', async () => {
    const before = structuredClone(builtIns);
    await put('x.json', { id: 'x', extends: 'acme', flows: { device: { patterns: { success: 'Done' } } } });
    const { definitions } = await load();
    expect(definitions[0]?.flows[1]?.patterns.success).toBe('Done');
    expect(builtIns).toEqual(before);
  });

  it('inherits a verification URL only while its host is allowed', async () => {
    await put('a.json', { id: 'a', extends: 'acme', allowedHosts: ['127.0.0.1'] });
    await put('b.json', { id: 'b', extends: 'acme', allowedHosts: ['acme.test', '127.0.0.1'] });
    await put('c.json', {
      id: 'c',
      extends: 'acme',
      allowedHosts: ['127.0.0.1'],
      flows: { device: { verificationUrl: 'https://other.test/' } },
    });
    const { definitions, told } = await load();
    expect(definitions.map(({ flows }) => flows[1]?.verificationUrl)).toEqual([
      undefined,
      'https://acme.test/device',
    ]);
    expect(told).toEqual(['c.json:9 "flows.device.verificationUrl" is not on a host in "allowedHosts"']);
  });

  it('picks and orders flows, adds one, and removes one', async () => {
    const extra = { ...sampleDefinition().flows[0], label: 'Second' };
    await put('a.json', { id: 'a', extends: 'acme', flowOrder: ['device'] });
    await put('b.json', { id: 'b', extends: 'acme', flows: { second: { ...extra, id: 'second' } } });
    await put('c.json', { id: 'c', extends: 'acme', flows: { browser: null } });
    await put('d.json', { id: 'd', extends: 'acme', flowOrder: ['device', 'nope', 'device'] });
    const { definitions, told } = await load();
    expect(definitions.map(({ flows }) => flows.map(({ id }) => id))).toEqual([
      ['device'],
      ['browser', 'device', 'second'],
      ['device'],
    ]);
    expect(told).toEqual([
      'd.json:6 "flowOrder[1]" names no flow: "nope"',
      'd.json:7 "flowOrder[2]" names "device" a second time',
    ]);
  });

  it('replaces proof and paste as a whole when their kind changes, and keeps null where null is a value', async () => {
    await put('a.json', {
      id: 'a',
      extends: 'acme',
      proof: { kind: 'credential-file', path: 'auth.json' },
      identity: null,
      apiKey: null,
      flows: { browser: { paste: { kind: 'none' } } },
    });
    await put('b.json', { id: 'b', extends: 'acme', proof: { json: { equals: 'yes' } } });
    const { definitions, told } = await load();
    expect(told).toEqual([]);
    expect(definitions[0]).toMatchObject({ identity: null, apiKey: null });
    expect(definitions[0]?.proof).toEqual({ kind: 'credential-file', path: 'auth.json' });
    expect(definitions[0]?.flows[0]?.paste).toEqual({ kind: 'none' });
    expect(definitions[1]?.proof).toEqual({
      kind: 'status-command',
      args: ['status'],
      json: { field: 'loggedIn', equals: 'yes' },
    });
  });

  it('I-13: one broken file is told with line and reason, and the others load', async () => {
    await put('1-comma.json', '{\n  "id": "x",\n  "extends": "acme",\n}\n');
    await put('2-open.json', '{\n  "id": "x,\n  "extends": "acme"\n}\n');
    await put('3-empty.json', '');
    await put('4-comment.json', '// mine\n{}');
    await put('5-missing-comma.json', '{\n  "id": "x"\n  "extends": "acme"\n}');
    await put('6-list.json', '[]');
    await put('7-binary.json', '{}');
    await writeFile(join(directory, '7-binary.json'), Buffer.from([0x7b, 0xff, 0x7d]), { mode: 0o600 });
    await put('8-deep.json', `{"id": "deep",\n"flows": ${'['.repeat(100_000)}`);
    await put('9-good.json', complete('good'));
    const { ids, told } = await load();
    expect(ids).toEqual(['good']);
    expect(told).toEqual([
      '1-comma.json:4 "}" is not expected here; look for a comma too many or too few',
      '2-open.json:2 a text in quotes is not closed on this line',
      '3-empty.json:1 the file ends too early',
      '4-comment.json:1 JSON has no comments',
      '5-missing-comma.json:3 a text in quotes is not expected here; look for a comma too many or too few',
      '6-list.json:1 The file must be one object {...}',
      '7-binary.json: This file is not UTF-8 text.',
      '8-deep.json:2 this is nested more than 100 levels deep',
    ]);
  });

  it('points to the line of the key that is wrong, also inside flows given by id', async () => {
    await put(
      'x.json',
      [
        '{',
        '  "id": "x", "extends": "acme",',
        '  "colour": "red",',
        '  "allowedHosts": [',
        '    "acme.test",',
        '    "*.acme.test"',
        '  ],',
        '  "flows": {',
        '    "device": {',
        '      "patterns": {',
        '        "code": "(["',
        '      }',
        '    }',
        '  },',
        '  "timeoutSeconds": "5"',
        '}',
      ].join('\n'),
    );
    const { ids, told } = await load();
    expect(ids).toEqual([]);
    expect(told.sort()).toEqual([
      'x.json:11 "flows.device.patterns.code" is not a valid JavaScript regular expression',
      'x.json:15 "timeoutSeconds" must be a number',
      'x.json:3 "colour" is not a known field here',
      'x.json:6 "allowedHosts[1]" must not have a wildcard: a host stands for its subdomains too',
    ]);
  });

  it('takes parameters, and points to the line of what names one that is not asked for', async () => {
    const host = {
      id: 'host',
      label: 'Host',
      example: 'acme.test',
      accepts: '.+',
      required: true,
      kind: 'host',
    };
    await put('a.json', {
      id: 'a',
      extends: 'acme',
      allowedHosts: ['{param:host}'],
      flows: {
        device: {
          parameters: [host],
          args: ['login', '--host={param:host}'],
          verificationUrl: 'https://{param:host}/device',
        },
      },
    });
    // The base's own page is on no host of this list.
    const device = { parameters: [host], args: ['login', '--host={param:host}'] };
    await put('c.json', { id: 'c', extends: 'acme', allowedHosts: ['{param:host}'], flows: { device } });
    await put(
      'b.json',
      [
        '{',
        '  "id": "b", "extends": "acme",',
        '  "environment": {',
        '    "set": { "ACME_HOST": "{param:hots}" }',
        '  },',
        '  "flows": {',
        '    "device": {',
        `      "parameters": [${JSON.stringify({ ...host, default: '-x' })}],`,
        '      "args": [',
        '        "--tenant={param:tenant}"',
        '      ]',
        '    }',
        '  }',
        '}',
      ].join('\n'),
    );
    const { definitions, told } = await load();
    expect(
      definitions.map(({ id, allowedHosts, flows }) => [id, allowedHosts, flows[1]?.parameters]),
    ).toEqual([
      ['a', ['{param:host}'], [host]],
      ['c', ['{param:host}'], [host]],
    ]);
    expect(told.sort()).toEqual([
      'b.json:10 "flows.device.args[0]" names the parameter "tenant", which is not asked for',
      'b.json:4 "environment.set.ACME_HOST" names the parameter "hots", which is not asked for',
      'b.json:8 "flows.device.parameters[0].default" is refused: This must not begin with "-".',
    ]);
  });

  it('points to the innermost place that the file has when a key is missing', async () => {
    await put(
      'x.json',
      '{\n  "id": "x",\n  "extends": "acme",\n  "flows": {\n    "new": { "label": "New" }\n  }\n}',
    );
    const { told } = await load();
    expect(told).toContain('x.json:5 "flows.new.args" is missing');
  });

  it('tells a key that is given twice, and does not let __proto__ through', async () => {
    await put('a.json', '{\n  "id": "a",\n  "extends": "acme",\n  "id": "b"\n}');
    await put('b.json', '{\n  "id": "b",\n  "extends": "acme",\n  "__proto__": { "x": 1 }\n}');
    const { ids, told } = await load();
    expect(ids).toEqual([]);
    expect(told).toEqual(['a.json:4 "id" is given twice', 'b.json:4 "__proto__" is not a known field here']);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('refuses an id or alias that is taken: by a built-in, or by an earlier file', async () => {
    await put('a.json', complete('acme'));
    await put('b.json', complete('acme-cli'));
    await put('c.json', complete('mine'));
    await put('d.json', complete('mine'));
    await put('e.json', { ...complete('other'), aliases: ['fine', 'acme'] });
    const { ids, told } = await load();
    expect(ids).toEqual(['mine']);
    expect(told.map((line) => line.replace(/:\d+/, ''))).toEqual([
      'a.json "id" is taken: "acme" belongs to the built-in provider "acme"',
      'b.json "id" is taken: "acme-cli" belongs to the built-in provider "acme"',
      'd.json "id" is taken: "mine" belongs to c.json',
      'e.json "aliases[1]" is taken: "acme" belongs to the built-in provider "acme"',
    ]);
  });

  it('names the built-ins when "extends" names none, and wants an id of its own', async () => {
    await put('a.json', { id: 'a', extends: 'nope' });
    await put('b.json', { extends: 'acme' });
    await put('c.json', { id: 'c', extends: 5 });
    expect((await load()).told).toEqual([
      'a.json:3 "extends" must be one of "acme"',
      'b.json:1 "id" is missing',
      'c.json:3 "extends" must be one of "acme"',
    ]);
  });

  it.skipIf(!posix)('refuses what other users could have written (rights and links are POSIX)', async () => {
    await put('group.json', complete('group'));
    await chmod(join(directory, 'group.json'), 0o620);
    await put('world.json', complete('world'));
    await chmod(join(directory, 'world.json'), 0o602);
    await put('readable.json', complete('readable'));
    await chmod(join(directory, 'readable.json'), 0o644);
    await symlink('world.json', join(directory, 'z-link.json'));
    const { ids, told } = await load();
    expect(ids).toEqual(['readable']);
    expect(told).toHaveLength(3);
    expect(told[0]).toContain('group.json: Other users can write to this file');
    expect(told[0]).toContain(`chmod go-w '${join(directory, 'group.json')}'`);

    await chmod(directory, 0o777);
    const open = await load();
    expect(open.ids).toEqual([]);
    expect(open.told).toEqual([expect.stringContaining('Other users can write to this directory')]);
  });

  it.skipIf(!posix)('does not wait for a named pipe, and passes over a directory (POSIX)', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe.json')]);
    await mkdir(join(directory, 'dir.json'));
    await put('ok.json', complete('ok'));
    const { ids, told } = await load();
    expect(ids).toEqual(['ok']);
    expect(told).toEqual(['dir.json: This is not a regular file.', 'pipe.json: This is not a regular file.']);
  });

  it('refuses a file too large to be a definition', async () => {
    await put('big.json', ' '.repeat(300 * 1024));
    expect((await load()).told).toEqual(['big.json: This file is larger than 256 KiB.']);
  });
});

describe('ProviderRegistry', () => {
  it('lists built-ins before the first reload, and finds by id and alias in any case', () => {
    const registry = new ProviderRegistry(builtIns, directory);
    expect(registry.list()).toEqual([{ definition: builtIns[0], origin: 'built-in' }]);
    expect(registry.find('acme')).toBe(builtIns[0]);
    expect(registry.find('Acme-CLI')).toBe(builtIns[0]);
    expect(registry.find('nope')).toBeNull();
    expect(registry.find('constructor')).toBeNull();
  });

  it('reloads what was added, mended and removed', async () => {
    const registry = new ProviderRegistry(builtIns, directory);
    await put('mine.json', { ...complete('mine'), aliases: ['my-own'] });
    await put('bad.json', '{');
    await registry.reload();
    expect(registry.list().map(({ definition, origin }) => [definition.id, origin])).toEqual([
      ['acme', 'built-in'],
      ['mine', 'user'],
    ]);
    expect(registry.find('my-own')?.id).toBe('mine');
    expect(registry.problems()).toMatchObject([{ line: 1 }]);

    await put('bad.json', complete('mended'));
    await rm(join(directory, 'mine.json'));
    await registry.reload();
    expect(registry.problems()).toEqual([]);
    expect(registry.find('my-own')).toBeNull();
    expect(registry.find('mended')?.id).toBe('mended');
  });

  it('refuses built-ins that share a name', () => {
    const second = sampleDefinition({ id: 'second', aliases: ['acme'] });
    expect(() => new ProviderRegistry([...builtIns, second], directory)).toThrow('called acme');
  });
});
