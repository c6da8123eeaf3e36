import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FlowDefinition } from '../../providers/definition.ts';
import { Redactor } from '../../vault/redact.ts';
import { OutputInterpreter } from './output-interpreter.ts';
import { byteByByte, type Chunk, chunksOf, lengthOf, splitAt } from './replay.fixture.ts';
import { SignInHouse } from './sign-in-house.fixture.ts';

/** Of no shape that the redactor would know by itself. */
const token = `acme_${'Zq9-x_'.repeat(12)}end`;
const yields = { pattern: '(acme_[A-Za-z0-9_-]{20,})', variable: 'ACME_TOKEN', lifetimeSeconds: 86_400 };

const flow: FlowDefinition = {
  id: 'token',
  label: 'Token',
  kind: 'browser',
  args: [],
  transport: 'pty',
  paste: { kind: 'none' },
  patterns: { failures: [] },
  answers: [],
  opens: 'printed',
  renews: false,
  endsBy: 'exit',
  yields,
};

/** The lines as a window would get them, and the secrets, as the CLI method handles both. */
async function read(chunks: Chunk[], columns: number, mode: 'pipe' | 'pty') {
  const redactor = new Redactor();
  const secrets: string[] = [];
  const lines: string[] = [];
  const interpreter = new OutputInterpreter({
    flow,
    allowedHosts: [],
    mode,
    columns,
    rows: 24,
    redact: (line) => redactor.redact(line),
    emit: (event) => {
      if (event.type === 'secret') {
        redactor.add(event.secret);
        secrets.push(event.secret.reveal());
      }
      if (event.type === 'line') lines.push(event.text);
    },
    respond: () => {},
  });
  for (const { bytes, stream } of chunks) void interpreter.write(bytes, stream);
  await interpreter.end();
  return { secrets, lines: lines.map((line) => redactor.redact(line)) };
}

/** How Ink 6 breaks a long word: each row painted on its own, the cursor moved to the next. */
const painted = (text: string, columns: number) =>
  (text.match(new RegExp(`.{1,${columns - 1}}`, 'g')) ?? [])
    .map((row) => `\r\x1b[1C\x1b[1B\x1b[33m${row}\x1b[39m\x1b[K`)
    .join('');

describe('a secret that a flow yields', () => {
  it.each([
    ['on a pipe', `Your token:\n${token}\nKeep it.\n`, 1200, 'pipe'],
    ['in a terminal', `Your token:\r\n${token}\r\nKeep it.\r\n`, 1200, 'pty'],
    ['in a sentence', `Your token: "${token}", keep it.\r\n`, 1200, 'pty'],
    ['without a line end', `Your token:\r\n${token}`, 1200, 'pty'],
    ['over two rows', `Your token:\r\n${token}\r\nKeep it.\r\n`, 60, 'pty'],
    ['over four rows', `Your token:\r\n${token}\r\nKeep it.\r\n`, 20, 'pty'],
    [
      'broken by the program over two rows',
      `Your token:\r\n\r\n${painted(token, 60)}\r\nKeep it.\r\n`,
      60,
      'pty',
    ],
    ['broken over four rows', `Your token:\r\n\r\n${painted(token, 20)}\r\nKeep it.\r\n`, 20, 'pty'],
    ['broken at the end of the output', `Your token:\r\n\r\n${painted(token, 60)}`, 60, 'pty'],
    ['that ends in the last column', `x\r\n\r\n${painted(token, 21)}\r\n\r\nKeep it.\r\n`, 21, 'pty'],
  ] as const)('is found whole and is in no line: %s', async (_, text, columns, mode) => {
    const chunks = chunksOf(text);
    const whole = await read(chunks, columns, mode);
    expect(whole.secrets).toEqual([token]);
    for (let from = 0; from + 6 <= token.length; from++) {
      expect(whole.lines.join('\n')).not.toContain(token.slice(from, from + 6));
    }
    expect(whole.lines.join('\n')).toContain('[redacted]');
    expect(await read(byteByByte(chunks), columns, mode), 'byte by byte').toEqual(whole);
    for (let at = 1; at < lengthOf(chunks); at++) {
      expect(await read(splitAt(chunks, at), columns, mode), `cut at ${at}`).toEqual(whole);
    }
  });

  it('lines that reach the last column and have no secret in them are shown', async () => {
    const full = 'x'.repeat(40);
    const { lines, secrets } = await read(chunksOf(`${full}\r\na b\r\n\r\n${full}\r\n`), 40, 'pty');
    expect(lines).toEqual([full, 'a b', '', full]);
    expect(secrets).toEqual([]);
  });
});

/** All bytes of all files of the test's own directory. */
function everything(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

describe.skipIf(process.platform === 'win32')('signing in with a flow that yields (scripts for sh)', () => {
  /** The script takes the token out of the environment, so that no file of the test has it. */
  const house = () => new SignInHouse();
  const spelled = token.split('').reverse().join('');
  const says = `printf 'Token made:\\n'; printf '%s\\n' '${spelled}' | rev`;
  const start = (place: SignInHouse, body: string, changes: Partial<FlowDefinition> = {}) =>
    place.start(body, { flow: { yields, ...changes } });

  it.each(['pipe', 'pty'] as const)('keeps it in the vault and nowhere else: %s', async (transport) => {
    const place = house();
    const id = start(place, `touch "$ACME_HOME/left"; ${says}`, { transport });
    const ended = await place.end(id);
    expect(ended).toMatchObject({ status: 'success', bundleName: 'acme' });

    const { store, vault } = place.identities;
    expect(vault.kept).toEqual([
      { entry: { service: 'Lanyard', account: expect.stringMatching(/^acme\//) }, text: token },
    ]);
    const [account] = store.state.accounts;
    expect(account).toMatchObject({
      kind: 'oauth',
      secretRef: { kind: 'keychain', ...vault.kept[0]?.entry },
      status: 'valid',
      expiresAt: place.clock.now() + 86_400_000,
    });
    // I-6: nothing is left of the directory that the program ran in.
    expect(place.accountFiles()).toEqual([]);
    expect(store.state.looseSecrets).toEqual([]);
    expect(place.lines(id)).toEqual(['Token made:', '[redacted]']);
    const elsewhere = [
      everything(place.root),
      place.storeFile.text,
      JSON.stringify(place.snapshots),
      JSON.stringify(place.spawned),
      place.broker.copyText(id, 'report'),
    ];
    expect(elsewhere.join('\n')).not.toContain(token);
  });

  it('S-5: is no proof when the program fails after it', async () => {
    const place = house();
    const id = start(place, `${says}; echo 'Logged in'; exit 3`);
    expect((await place.end(id)).code).toBe('exited_with_code');
    expect(place.identities.vault.kept).toEqual([]);
    expect(place.identities.store.state.accounts).toEqual([]);
  });

  it('S-5: a program that ends well without one signs nobody in, whatever its status says', async () => {
    const place = house();
    const id = start(place, "signed_in; echo 'Logged in as ada@acme.test'");
    expect((await place.end(id)).code).toBe('nothing_yielded');
    expect(place.accountFiles()).toEqual([]);
  });

  it('T-3: a vault that is locked saves nothing and says so', async () => {
    const place = house();
    place.identities.vault.setAnswer = { status: 'locked', backend: 'keychain', detail: '' };
    const id = start(place, says);
    expect((await place.end(id)).code).toBe('keychain_locked');
    expect(place.accountFiles()).toEqual([]);
    expect(place.identities.store.state).toMatchObject({ accounts: [], bundles: [], looseSecrets: [] });
  });

  it('I-7: takes the place of the login that the bundle had', async () => {
    const place = house();
    const first = await place.end(place.start('signed_in'));
    if (first.status !== 'success') throw new Error(first.status);
    const provider = place.provider(place.script(says), { flow: { yields } });
    await place.end(place.connect(provider, first.bundleId));
    expect(place.identities.store.state.accounts).toMatchObject([
      { id: first.accountId, secretRef: { kind: 'keychain' } },
    ]);
    expect(place.accountFiles()).toEqual([]);
    // And back again: the token goes.
    await place.end(place.start('signed_in', {}, first.bundleId));
    expect(place.identities.store.state.accounts).toMatchObject([
      { id: first.accountId, secretRef: { kind: 'oauth-config-dir' } },
    ]);
    expect(place.identities.store.state.accounts[0]).not.toHaveProperty('expiresAt');
    expect(place.identities.vault.deleted).toEqual([place.identities.vault.kept[0]?.entry]);
  });

  it('I-8: the blank identity has no place for it', () => {
    const place = house();
    expect(() => place.connect(place.provider(place.script(says), { flow: { yields } }), 'blank')).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ code: 'needs_identity' }) }),
    );
    expect(place.spawned).toEqual([]);
  });
});
