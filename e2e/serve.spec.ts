import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildCommand } from '../scripts/build-command.mjs';
import { ensureClis } from '../scripts/install-clis.mjs';
import { openIssuer } from '../src-main/oauth/issuer.fixture.ts';
import { createAwsHosts } from './support/aws-hosts.ts';
import { type CliProcess, runInPty, runOnPipes } from './support/cli-process.ts';
import { approve, approveDevice, codeOn } from './support/demo-person.ts';
import { keysProvider } from './support/keys-provider.ts';
import { createLocalCa } from './support/local-ca.ts';
import { type HostHandler, listenOnLoopback } from './support/local-host.ts';
import { startLocalNet } from './support/local-net.ts';
import { createOpenAiIssuer, type OpenAiIssuer, openAiHosts } from './support/openai-issuer.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

/**
 * a host as containers are: no display, no session bus, no keychain, an empty home. Everything is done with the
 * `lanyard` command, on plain Node.
 */

test.skip(process.platform !== 'linux', 'a container is a Linux');

let command: string;
test.beforeAll(async () => {
  command = await buildCommand();
});

interface Host {
  place: TestPlace;
  issuer: OpenAiIssuer;
  /** `lanyard` with these arguments, on pipes as over SSH without a terminal. */
  lanyard(...args: string[]): CliProcess;
  /** The same in a terminal. */
  inTerminal(...args: string[]): CliProcess;
  /** A script in a shell of the person, to its end, with `lanyard` and the real CLIs on its PATH. */
  inShell(shell: 'bash' | 'zsh' | 'fish', script: string): Promise<{ code: number | null; text: string }>;
  /** Runs it to its end. */
  done(...args: string[]): Promise<{ code: number | null; text: string }>;
  serve: CliProcess;
}

async function onHost(
  use: (host: Host) => Promise<void>,
  provider?: { id: string } & Record<string, unknown>,
  hosts: Record<string, HostHandler> = {},
): Promise<void> {
  const place = await createTestPlace();
  await mkdir(join(place.root, 'tmp'));
  const { binDirectory } = await ensureClis();
  const issuer = createOpenAiIssuer({ person: { email: 'ada@example.test' } });
  const net = await startLocalNet(await createLocalCa(place.root), {
    ...openAiHosts(issuer),
    ...hosts,
  });
  const env: Record<string, string> = {
    HOME: place.home,
    LANYARD_HOME: place.data,
    PATH: [binDirectory, dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    TMPDIR: join(place.root, 'tmp'),
    SECRET_OF_THE_PERSON: 'stays-here',
    OPENAI_API_KEY: 'sk-of-the-person',
    ...net.environment,
  };
  const request = (args: string[]) => ({ file: command, args, env, cwd: place.home });
  const lanyard = (...args: string[]) => runOnPipes(request(args));
  // A provider of the person's own that is a key and nothing else, which any server says is right.
  const checked = await listenOnLoopback(({ json }) => json(200, {}));
  await mkdir(join(place.data, 'providers'), { recursive: true, mode: 0o700 });
  await writeFile(
    join(place.data, 'providers', 'keys.json'),
    JSON.stringify({
      ...keysProvider,
      apiKey: {
        ...keysProvider.apiKey,
        check: { url: `${checked.url}/`, headers: { authorization: 'Bearer {key}' } },
      },
    }),
  );
  if (provider)
    await writeFile(join(place.data, 'providers', `${provider.id}.json`), JSON.stringify(provider));
  const serve = lanyard('serve', '--passphrase-stdin');
  try {
    serve.write('a passphrase nobody guesses\n');
    await serve.waitFor(/serving, process \d+/);
    await use({
      place,
      issuer,
      lanyard,
      serve,
      inTerminal: (...args) => runInPty(request(args)),
      inShell: async (shell, script) => {
        const { OPENAI_API_KEY: _, ...own } = env;
        const args = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] }[shell];
        const running = runOnPipes({
          file: shell,
          args: [...args, '-c', script],
          env: { ...own, PATH: `${dirname(command)}:${own.PATH}` },
          cwd: place.home,
        });
        return { code: await running.exited, text: running.text() };
      },
      done: async (...args) => {
        const running = lanyard(...args);
        return { code: await running.exited, text: running.text() };
      },
    });
    await endPolitely(serve);
    expect(processesMarkedWith(place.root)).toEqual([]);
  } finally {
    await endPolitely(serve);
    await net.close();
    await checked.close();
    await place.remove();
  }
}

/** So that it ends what it has started. */
async function endPolitely(serve: CliProcess): Promise<void> {
  try {
    process.kill(serve.pid, 'SIGTERM');
  } catch {
    // It has ended.
  }
  await serve.exited;
}

const linkIn = /^ {2}(https?:\S+)$/m;

test('R-7, R-4: the demo by code and by paste, run as both, and stop', async () => {
  await onHost(async ({ place, lanyard, done, serve }) => {
    const byCode = lanyard('connect', 'demo', '--as', 'Work', '--device');
    const [, page = ''] = await byCode.waitFor(linkIn);
    const [, code = ''] = await byCode.waitFor(/^ {2}([A-Z0-9]{4}-[A-Z0-9]{4})$/m);
    await approveDevice(page, code, 'demo-ada');
    expect(await byCode.exited).toBe(0);
    expect(byCode.text()).toContain('Signed in to Demo');

    const byPaste = lanyard('connect', 'demo', '--as', 'Client A', '--flow', 'paste');
    const [, link = ''] = await byPaste.waitFor(linkIn);
    await byPaste.waitFor(/Paste the code/);
    byPaste.write('wrong-code\n');
    byPaste.write(`${codeOn(await approve(link, 'demo-grace'))}\n`);
    expect([await byPaste.exited, byPaste.text()]).toEqual([
      0,
      expect.stringContaining('in the identity Client A'),
    ]);

    const listed = JSON.parse((await done('list', '--json')).text);
    expect(listed).toMatchObject({
      schemaVersion: 1,
      identities: [
        { name: 'Work', accounts: [{ provider: 'demo', status: 'valid' }] },
        { name: 'Client A', accounts: [{ provider: 'demo', status: 'valid' }] },
        { blank: true },
      ],
    });
    const account = listed.identities[0].accounts[0].id;
    const directory = join(place.data, 'accounts', account, '1');
    const env = await done('run', '--as', 'Work', '--', 'env');
    const found = Object.fromEntries(
      env.text
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
    expect(env.code).toBe(0);
    // Of the caller's own what docs/command.md lists, of Lanyard's one variable, of the identity its directory.
    expect(found).toMatchObject({ HOME: place.home, LANYARD_BUNDLE: 'Work', DEMO_HOME: directory });
    const { PATH: _, ...others } = found;
    expect(Object.keys(others).sort()).toEqual(
      [
        'AWS_CA_BUNDLE',
        'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
        'CODEX_CA_CERTIFICATE',
        'DEMO_HOME',
        'DEMO_SERVICE',
        'HOME',
        'HTTPS_PROXY',
        'LANYARD_BUNDLE',
        'NODE_EXTRA_CA_CERTS',
        'NO_PROXY',
        'REQUESTS_CA_BUNDLE',
        'SSL_CERT_FILE',
        'TERM',
        'TMPDIR',
      ].sort(),
    );
    expect(env.text).not.toMatch(/stays-here|passphrase|Client A/);

    // The words that the command shows by itself are those that the house knows.
    const shown = [...(await done('--help')).text.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);
    expect(shown).toEqual(expect.arrayContaining(['run', 'connect', 'serve']));
    for (const name of shown.filter((word) => word !== 'lanyard')) {
      expect(await done(name, '--help')).toEqual({
        code: 0,
        text: expect.stringContaining(`Usage: lanyard ${name}`),
      });
    }

    const stop = await done('serve', '--stop');
    expect(stop).toEqual({ code: 0, text: 'Lanyard ends.\n' });
    expect(await serve.exited).toBe(0);
    expect(readdirSync(join(place.data, 'command'))).toEqual([]);
    expect(existsSync(join(place.data, 'house.lock'))).toBe(false);
    expect(await done('status')).toEqual({ code: 3, text: expect.stringContaining('lanyard serve') });
  });
});

test('R-7, R-4, R-5, R-16: the real codex by code and by a pasted address, each run is its own, and shells follow directories', async () => {
  await onHost(async ({ place, issuer, lanyard, inTerminal, inShell, done }) => {
    const byCode = lanyard('connect', 'codex', '--as', 'work', '--device');
    const device = await issuer.devices.next();
    await byCode.waitFor(new RegExp(device.userCode));
    device.approve();
    expect([await byCode.exited, byCode.text()]).toEqual([
      0,
      expect.stringContaining('Signed in to Codex as ada@example.test, in the identity work.'),
    ]);

    issuer.person = { ...issuer.person, email: 'grace@example.test', userId: 'user-grace' };
    const byPaste = inTerminal('connect', 'codex', '--as', 'b');
    const [, link = ''] = await byPaste.waitFor(linkIn);
    await byPaste.waitFor(/paste its address here/);
    byPaste.write('https://example.test/?code=stolen&state=of-another\r');
    await byPaste.waitFor(/lanyard: /);
    byPaste.write(`${issuer.authorize(link).redirect}\r`);
    expect([await byPaste.exited, byPaste.text()]).toEqual([
      0,
      expect.stringContaining('Signed in to Codex as grace@example.test, in the identity b.'),
    ]);

    for (const [identity, email] of [
      ['work', 'ada@example.test'],
      ['b', 'grace@example.test'],
    ] as const) {
      const status = await done('run', '--as', identity, '--', 'codex', 'login', 'status');
      expect([status.code, status.text]).toEqual([0, expect.stringContaining('Logged in using ChatGPT')]);
      const shown = JSON.parse((await done('status', '--as', identity, '--json')).text);
      expect(shown).toMatchObject({
        schemaVersion: 1,
        host: 'serve',
        keys: { place: 'sealed-file', problem: null },
        identity: { name: identity, accounts: [{ provider: 'codex', email }] },
      });
      const directory = await done(
        'run',
        '--as',
        identity,
        '--',
        'sh',
        '-c',
        'echo "$CODEX_HOME"; printenv OPENAI_API_KEY || echo none',
      );
      const [home = '', key] = directory.text.split('\n');
      expect(key).toBe('none');
      const { tokens } = JSON.parse(await readFile(join(home, 'auth.json'), 'utf8'));
      const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString('utf8'));
      expect(claims.email).toBe(email);
    }
    // The machine's own home has no login of anybody's.
    expect(existsSync(join(place.home, '.codex', 'auth.json'))).toBe(false);

    const folder = join(place.home, 'of b');
    await mkdir(folder);
    await writeFile(join(folder, '.lanyard'), 'b\n');
    for (const [shell, load] of [
      ['bash', 'eval "$(lanyard hook bash)"'],
      ['zsh', 'eval "$(lanyard hook zsh)"'],
      ['fish', 'lanyard hook fish | source'],
    ] as const) {
      const script = [
        load,
        `cd '${folder}'`,
        'codex login status',
        'echo "home $CODEX_HOME"',
        'lanyard trust',
        'cd ..',
        `cd '${folder}'`,
        'codex login status',
        'echo "home $CODEX_HOME"',
        'cd ..',
        'codex login status',
        'echo "home $CODEX_HOME"',
        `cd '${folder}'`,
        'lanyard trust --undo',
      ].join('\n');
      const followed = await inShell(shell, script);
      const account = JSON.parse((await done('list', '--json')).text).identities.find(
        ({ name }: { name: string }) => name === 'b',
      ).accounts[0].id;
      const own = join(place.data, 'accounts', account, '1');
      expect(followed.text.match(/^(Logged in using ChatGPT|Not logged in|home .*)$/gm)).toEqual([
        'Not logged in',
        'home ',
        'Logged in using ChatGPT',
        `home ${own}`,
        'Not logged in',
        'home ',
      ]);
      expect(followed.text).toContain(`lanyard: as b (from ${folder}/.lanyard)`);
    }

    // the provider is refused to b, and the other identity's account does not step in.
    const { accounts } = JSON.parse((await done('list', '--json')).text).identities.find(
      ({ name }: { name: string }) => name === 'b',
    );
    const login = join(place.data, 'accounts', accounts[0].id, '1', 'auth.json');
    await rename(login, `${login}.away`);
    const without = await done('run', '--as', 'b', '--', 'codex', 'login', 'status');
    expect(without.code).not.toBe(0);
    expect(without.text).not.toContain('Logged in');
    await rename(`${login}.away`, login);

    const out = await done('logout', 'codex', '--as', 'b', '--yes');
    expect([out.code, out.text]).toEqual([0, expect.stringContaining('Signed out.')]);
    // without its account nothing runs as b but by the person's own word.
    const signedOut = await done('run', '--as', 'b', '--', 'codex', 'login', 'status');
    expect([signedOut.code, signedOut.text]).toEqual([
      125,
      expect.stringContaining('Run: lanyard connect codex --as b'),
    ]);
    const script = ['sh', '-c', 'printenv CODEX_HOME || echo none'];
    expect((await done('run', '--as', 'b', '--machine-logins', '--', ...script)).text).toBe('none\n');
  });
});

test('R-7: a key in the sealed file, which is opened again after a restart', async () => {
  await onHost(async ({ lanyard, done, serve }) => {
    const wrongKey = lanyard('connect', 'keys', '--as', 'Work', '--key');
    await wrongKey.waitFor(/API key for Keys: /);
    wrongKey.write('not a key\n');
    expect([await wrongKey.exited, wrongKey.text()]).toEqual([1, expect.stringContaining('lanyard: ')]);
    // Nothing is left of a sign-in that came to nothing, also not the identity that was made for it.
    expect(JSON.parse((await done('list', '--json')).text).identities).toHaveLength(1);
    const both = await done('connect', 'demo', '--as', 'Work', '--device', '--flow', 'paste');
    expect(both).toEqual({ code: 2, text: expect.stringContaining('is not a way to sign in with a code') });
    const unasked = lanyard('connect', 'keys', '--as', 'Unasked', '--key', '--no-check');
    unasked.write('sk-00000000unasked0\n');
    expect([await unasked.exited, unasked.text()]).toEqual([0, expect.stringContaining('not checked')]);
    const rightKey = lanyard('connect', 'keys', '--as', 'Work', '--key');
    rightKey.write('sk-0123456789abcdef\n');
    expect([await rightKey.exited, rightKey.text()]).toEqual([0, expect.stringContaining('••••cdef')]);
    const others = lanyard('connect', 'keys', '--as', 'Client A', '--key');
    others.write('sk-fedcba9876543210\n');
    expect(await others.exited).toBe(0);
    const printed = ['run', '--as', 'work', '--', 'env'];
    expect((await done(...printed)).text).toContain('KEYS_API_KEY=sk-0123456789abcdef\n');
    expect((await done(...printed)).text).not.toMatch(/fedcba|passphrase|stays-here/);
    expect((await done('env', '--as', 'work', '--format', 'dotenv')).text).toBe(
      'LANYARD_BUNDLE=Work\nKEYS_API_KEY=sk-0123456789abcdef\n',
    );

    await done('serve', '--stop');
    await serve.exited;
    const again = lanyard('serve');
    await again.waitFor(/sealed file, in which keys are kept, is closed[\s\S]*serving/);
    expect(await done(...printed)).toEqual({
      code: 125,
      text: expect.stringContaining('sealed file is locked'),
    });
    const wrong = lanyard('unlock');
    wrong.write('a wrong one\n');
    expect([await wrong.exited, wrong.text()]).toEqual([1, expect.stringContaining('not the passphrase')]);
    const right = lanyard('unlock');
    right.write('a passphrase nobody guesses\n');
    expect([await right.exited, right.text()]).toEqual([0, expect.stringContaining('is open')]);
    expect((await done('unlock')).text).toBe('Nothing is locked.\n');
    expect((await done(...printed)).text).toContain('KEYS_API_KEY=sk-0123456789abcdef\n');

    const second = lanyard('serve');
    expect([await second.exited, second.text()]).toEqual([1, expect.stringContaining('is running already')]);
    process.kill(again.pid, 'SIGTERM');
    expect(await again.exited).toBe(0);
  });
});

test('R-4: an issuer by code, its token printed and nothing else; a command that is killed ends its sign-in', async () => {
  const oidc = await openIssuer();
  try {
    await onHost(
      async ({ lanyard, done }) => {
        const byCode = lanyard('connect', 'work-sso', '--as', 'Work', '--device');
        const [, code = ''] = await byCode.waitFor(/^ {2}([A-Z0-9-]{8,})$/m);
        await oidc.approve(code);
        expect([await byCode.exited, byCode.text()]).toEqual([
          0,
          expect.stringContaining('as ada@example.test, in the identity Work.'),
        ]);
        const token = await done('token', 'work-sso', '--as', 'work');
        expect(token).toEqual({ code: 0, text: expect.stringMatching(/^[\w.-]+\n$/) });
        expect((await done('token', 'work-sso', '--as', 'work')).text).toBe(token.text);
        expect(await done('token', 'demo', '--as', 'work')).toEqual({
          code: 1,
          text: expect.stringContaining('Work has no account "demo".'),
        });

        const killed = lanyard('connect', 'demo', '--as', 'Nobody', '--device');
        await killed.waitFor(/^ {2}[A-Z0-9]{4}-[A-Z0-9]{4}$/m);
        expect(JSON.parse((await done('status', '--json', '--as', 'work')).text).signIns).toBe(1);
        killed.kill();
        await expect
          .poll(async () => JSON.parse((await done('list', '--json')).text).identities.map(nameOf))
          .toEqual(['Work', 'No credentials']);
        expect(JSON.parse((await done('status', '--json', '--as', 'work')).text).signIns).toBe(0);
      },
      { id: 'work-sso', name: 'Work SSO', issuer: { url: oidc.issuer, clientId: oidc.clientId } },
    );
  } finally {
    await oidc.close();
  }
});

test('R-4, C-12: AWS by code where there is no AWS CLI, through the proxy, and out again', async () => {
  const acme = {
    startUrl: 'https://acme.awsapps.com/start',
    region: 'eu-central-1',
    accountId: '123456789012',
    roleName: 'Developer',
    person: 'ada',
  };
  const aws = createAwsHosts(acme);
  await onHost(
    async ({ lanyard, done, place }) => {
      const asked = ['--set', `startUrl=${acme.startUrl}`, '--set', `ssoRegion=${acme.region}`];
      const byCode = lanyard('connect', 'aws', '--as', 'Work', '--device', ...asked);
      const device = await aws.devices.next();
      await byCode.waitFor(
        new RegExp(
          `acme\\.awsapps\\.com/start/#/device\\n\\nEnter this code there:\\n\\n {2}${device.userCode}`,
        ),
      );
      device.approve();
      expect([await byCode.exited, byCode.text()]).toEqual([
        0,
        expect.stringContaining('Signed in to AWS IAM Identity Center as ada, in the identity Work.'),
      ]);
      const { text } = await done('status', '--as', 'work');
      expect(text).toContain('AWS IAM Identity Center: ada\n');

      const wanting = await done('connect', 'aws', '--as', 'work', '--flow', 'device', ...asked, ...role);
      expect(wanting).toEqual({
        code: 1,
        text: expect.stringContaining('lanyard connect aws --flow identity-center'),
      });

      const accounts = join(place.data, 'accounts');
      const [account = ''] = readdirSync(accounts);
      const cache = join(accounts, account, '1', '.aws', 'sso', 'cache');
      const [token = ''] = readdirSync(cache);
      const { accessToken } = JSON.parse(await readFile(join(cache, token), 'utf8'));
      expect(aws.isValid(accessToken)).toBe(true);
      expect((await done('logout', 'aws', '--as', 'work', '--yes')).text).toMatch(/Signed out\.\n$/);
      expect(aws.isValid(accessToken)).toBe(false);
      expect(readdirSync(accounts)).toEqual([]);
    },
    undefined,
    aws.hosts,
  );
});

const role = ['--set', 'accountId=123456789012', '--set', 'roleName=Developer'];
const nameOf = ({ name }: { name: string }) => name;
