import { describe, expect, it } from 'vitest';
import { signInFailures } from '../broker/sign-in-failures.ts';
import { unexpectedPerson } from '../identities/expected-person.ts';
import { browserAt } from './browser-here.ts';
import { finished } from './command.fixture.ts';
import { connecting, inTerminal, link, withFlow } from './connect.fixture.ts';

const codePaste = {
  kind: 'code',
  accepts: '[a-z]+#[a-z]+',
  example: 'abc#xyz',
  enterSeparately: false,
  join: 'code',
} as const;
const connect = ['connect', 'acme', '--as', 'Work'];

describe('where nobody answers', () => {
  it('a sign-in that needs a pasted code ends with what it needs, and nothing is left of it', async () => {
    const { scene, identities, attempt } = await connecting(withFlow({ paste: codePaste }));
    const ended = scene.call(connect);
    const signIn = await attempt();
    signIn.play(link, { type: 'prompt' });
    const { code, err } = await ended;
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(
        'lanyard: The page of Acme ends with a code, and the standard input, where it would be pasted, is closed.\n',
      ),
    ]);
    expect(err).toContain('lanyard connect acme --device');
    expect(signIn.cancels).toBeGreaterThan(0);
    expect(identities.list().bundles.map(({ name }) => name)).toEqual(['No credentials']);
  });

  it('one that the browser can end goes on, and says how long', async () => {
    const { scene, attempt } = await connecting(withFlow({}));
    const child = scene.start(connect);
    const ended = finished(child);
    child.stdin?.end();
    const signIn = await attempt();
    signIn.play(link);
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (text) => String(text).includes('is closed') && resolve()),
    );
    signIn.play({ type: 'completed', by: 'exit' });
    const { code, err } = await ended;
    expect([code, err]).toEqual([0, expect.stringContaining('Signed in to Acme as ada@example.test')]);
    expect(err).toContain('Waits for the browser of this machine, 10 minutes at most.');
  });

  it('a key that is asked for is said to be missing', async () => {
    const { scene } = await connecting(withFlow({}));
    const { code, err } = await scene.call([...connect, '--key']);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('lanyard: An API key is asked for, and the standard input is closed.\n'),
    ]);
    const empty = await scene.call([...connect, '--key'], { input: '\n' });
    expect([empty.code, empty.err]).toEqual([2, expect.stringContaining('There is no key.')]);
  });
});

it('a caller that goes before the sign-in starts leaves neither a sign-in nor an identity', async () => {
  let found = () => {};
  let looks = () => {};
  const looked = new Promise<void>((resolve) => {
    looks = resolve;
  });
  const { scene, identities, broker } = await connecting(withFlow({}), {
    program: () => {
      looks();
      return new Promise((resolve) => {
        found = () => resolve({ missing: false, version: null });
      });
    },
  });
  const child = scene.start(connect);
  await looked;
  child.kill('SIGKILL');
  await finished(child);
  // By the time that another caller has been answered, it is known that this one has gone.
  await scene.call(['no-such-command']);
  found();
  await scene.server.stop();
  expect(broker.list()).toEqual([]);
  expect(identities.list().bundles.map(({ name }) => name)).toEqual(['No credentials']);
});

it('a key is not asked for where the provider takes none', async () => {
  const { scene, identities } = await connecting(withFlow({}, { apiKey: null }));
  const { code, err } = await scene.call([...connect, '--key']);
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/^lanyard: Acme takes no API key: leave out --key\.\nUsage: /),
  ]);
  expect(identities.list().bundles).toHaveLength(1);
});

describe('Ctrl-D', () => {
  it('cancels a sign-in that waits for pasted text', async () => {
    const { scene, attempt, identities } = await connecting(withFlow({}));
    const terminal = inTerminal(scene, connect);
    (await attempt()).play(link);
    await terminal.says('press Enter: ');
    terminal.write('\x04');
    expect(await terminal.over).toBe(1);
    expect(terminal.text()).toMatch(
      /press Enter: \nlanyard: the new identity, Work, is dropped again\nlanyard: The sign-in was cancelled\nNothing was saved\. Connect again whenever you like\.\n$/,
    );
    expect(identities.list().bundles).toHaveLength(1);
  });

  it('cancels where a key, or something else beforehand, is asked for', async () => {
    const parameter = {
      id: 'host',
      label: 'Host',
      example: 'acme.example.com',
      accepts: '.*',
      required: true,
      kind: 'host',
    } as const;
    const provider = withFlow({ parameters: [parameter], args: ['login', '{param:host}'] });
    for (const [args, prompt] of [
      [[...connect, '--key'], 'API key for Acme: '],
      [connect, 'Host (For example acme.example.com.): '],
    ] as const) {
      const { scene, identities } = await connecting(provider);
      const terminal = inTerminal(scene, args);
      await terminal.says(prompt);
      terminal.write('\x04');
      expect(await terminal.over).toBe(1);
      expect(terminal.text()).toContain('lanyard: Cancelled.\nNothing was saved.\n');
      expect(identities.list().bundles).toHaveLength(1);
    }
  });
});

describe('a program that is not installed', () => {
  it.each([
    [{}, 'Install it: npm install -g acme\nThen run this again.'],
    [
      { installCommandOn: { linux: 'apt-get install acme', macos: 'brew install acme' } },
      /Install it: (apt-get|brew) install acme\n/,
    ],
    [{ installCommand: null }, 'Install it as its documentation says, then run this again.'],
  ])('is told with how to install it: %j', async (program, hint) => {
    const provider = withFlow({});
    const { scene, attempt } = await connecting({
      ...provider,
      program: { ...provider.program, ...program },
    });
    const ended = scene.call(connect);
    (await attempt()).play({ type: 'failed', failure: signInFailures.notFound('Acme') });
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toContain('lanyard: Acme is not installed, or not where Lanyard looks\n');
    expect(err).toMatch(typeof hint === 'string' ? new RegExp(hint) : hint);
  });
});

describe('a key', () => {
  it('is not asked for where there is no place for it', async () => {
    const { scene, identities } = await connecting(withFlow({}), {
      vault: {
        state: async () => ({
          backend: 'sealed-file',
          status: 'locked',
          fault: { backend: 'sealed-file', status: 'locked', detail: '' },
          sealedFile: 'locked',
          entries: 0,
        }),
      },
    });
    const { code, err } = await scene.call([...connect, '--key'], { input: 'sk-1\n' });
    expect([code, err]).toEqual([1, 'lanyard: The sealed file is locked.\nRun: lanyard unlock\n']);
    expect(identities.list().bundles).toHaveLength(1);
  });

  it('is said to be saved with the identity that has it', async () => {
    const { scene } = await connecting(withFlow({}));
    const { code, err } = await scene.call([...connect, '--key', '--no-check'], { input: 'sk-1\n' });
    expect([code, err]).toEqual([
      0,
      expect.stringContaining('Saved, not checked: Acme, ••••, in the identity Work.\n'),
    ]);
  });
});

it('without an identity what was typed is shown with a name', async () => {
  const { scene } = await connecting(withFlow({}));
  const { code, err } = await scene.call(['connect', 'acme', '--device']);
  expect([code, err]).toEqual([
    1,
    'lanyard: There is no identity yet.\nMake one by signing in: lanyard connect acme --device --as Work\n',
  ]);
});

it('I-16: somebody else than expected is kept with a command, not in a window', async () => {
  const { scene, attempt } = await connecting(withFlow({}));
  const ended = scene.call(connect);
  const { failure } = unexpectedPerson({ email: 'ada@example.test' }, { email: 'grace@example.test' });
  (await attempt()).play({ type: 'failed', failure });
  const { code, err } = await ended;
  expect([code, err]).toEqual([
    1,
    expect.stringContaining('or keep this one as well: lanyard connect acme --as <new name>\n'),
  ]);
});

describe('a name that is not right', () => {
  it('of a provider: those that there are, and the one that was meant', async () => {
    const { scene } = await connecting(withFlow({}));
    const near = await scene.call(['connect', 'acmee']);
    expect([near.code, near.err]).toEqual([
      1,
      'lanyard: There is no provider "acmee".\nDid you mean acme? There are: acme\n',
    ]);
    expect((await scene.call(['connect', 'other'])).err).toBe(
      'lanyard: There is no provider "other".\nThere are: acme\n',
    );
  });

  it('none at all', async () => {
    const { scene } = await connecting(withFlow({}));
    const { code, err } = await scene.call(['connect']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^lanyard: Say which provider: acme\.\nUsage: lanyard connect <provider>/),
    ]);
  });

  it('of an option, and of a command', async () => {
    const { scene } = await connecting(withFlow({}));
    const option = await scene.call(['connect', 'acme', '--devise']);
    expect([option.code, option.err]).toEqual([
      2,
      expect.stringContaining("lanyard: Unknown option '--devise'. Did you mean --device?\nUsage: "),
    ]);
    const command = await scene.call(['conect', 'acme']);
    expect([command.code, command.err]).toEqual([
      2,
      'lanyard: There is no command "conect".\nDid you mean connect? lanyard --help lists them all.\n',
    ]);
  });
});

describe('the browser of this machine', () => {
  it.each([
    ['with a display of its own', { DISPLAY: ':0' }, true],
    ['with a display of its own', { WAYLAND_DISPLAY: 'wayland-0' }, true],
    ['over SSH', { DISPLAY: 'localhost:10.0', SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }, false],
    ['without a display', {}, false],
  ])('%s: %j', async (_, env, opens) => {
    const { scene, attempt, opened } = await connecting(withFlow({}), { host: 'app', platform: 'linux' });
    const child = scene.start(connect, { env });
    const ended = finished(child);
    const signIn = await attempt();
    signIn.play(link, { type: 'completed', by: 'exit' });
    const { code, err } = await ended;
    expect([code, opened]).toEqual([0, opens ? [link.url] : []]);
    expect(err).toContain(
      `${opens ? 'Your browser is opened. If it is not, open this link:' : 'Open this link in a browser:'}\n\n  ${link.url}\n`,
    );
  });

  it('lanyard serve has none, and the app opens its own where the person is', () => {
    expect(browserAt('serve', { DISPLAY: ':0' }, 'linux')).toBe(false);
    expect(browserAt('app', {}, 'darwin')).toBe(true);
    expect(browserAt('app', { SSH_TTY: '/dev/ttys001' }, 'darwin')).toBe(false);
    expect(browserAt('app', {}, 'win32')).toBe(true);
  });
});

describe('a pasted text', () => {
  it('is not asked for again once it was taken', async () => {
    const { scene, attempt } = await connecting(withFlow({ paste: codePaste }));
    const terminal = inTerminal(scene, connect);
    const signIn = await attempt();
    signIn.play(link, { type: 'prompt' });
    await terminal.says('press Enter: ');
    terminal.write('abc#xyz\r');
    while (signIn.pasted.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    signIn.play({ type: 'notice', notice: { code: 'late', text: 'It may take a while.' } });
    await terminal.says('while.');
    signIn.play({ type: 'completed', by: 'exit' });
    expect(await terminal.over).toBe(0);
    expect(terminal.text()).toMatch(
      /press Enter: abc#xyz\nNote: It may take a while\.\nChecking who signed in\.\.\.\nSigned in to Acme as .*\.\n$/,
    );
    expect(terminal.text().match(/press Enter/g)).toHaveLength(1);
  });

  it('is asked for again each time that it was refused', async () => {
    const { scene, attempt } = await connecting(withFlow({ paste: codePaste }));
    const terminal = inTerminal(scene, connect);
    const signIn = await attempt();
    signIn.play(link, { type: 'prompt' });
    for (const times of [1, 2]) {
      await terminal.saysTimes('press Enter: ', times);
      terminal.write('abc#xyz\r');
      while (signIn.pasted.length < times) await new Promise<void>((resolve) => setImmediate(resolve));
      signIn.play({ type: 'paste-rejected', text: 'Wrong code' });
    }
    await terminal.saysTimes(
      'It was refused: Wrong code\r\nPaste the code that the page shows, and press Enter: ',
      2,
    );
    terminal.write('\x04');
    expect(await terminal.over).toBe(1);
  });

  it('the standard input may end with it', async () => {
    const { scene, attempt } = await connecting(withFlow({ paste: codePaste }));
    const ended = scene.call(connect, { input: 'abc#xyz\n' });
    const signIn = await attempt();
    signIn.play(link, { type: 'prompt' });
    while (signIn.pasted.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    signIn.play({ type: 'notice', notice: { code: 'late', text: 'It may take a while.' } });
    signIn.play({ type: 'completed', by: 'exit' });
    const { code, err } = await ended;
    expect([code, err]).toEqual([0, expect.stringContaining('Signed in to Acme')]);
  });
});

describe('what is printed', () => {
  const device = { type: 'code', code: 'ABCD-EFGH', verificationUrl: 'https://acme.test/device' } as const;
  const page = { ...link, url: device.verificationUrl };

  it('the page of a code once, also where the program prints it first', async () => {
    for (const events of [[page, device], [device, page], [device]]) {
      const { scene, attempt } = await connecting(withFlow({ kind: 'device-code', paste: { kind: 'none' } }));
      const ended = scene.call(connect);
      (await attempt()).play(...events, { type: 'completed', by: 'exit' });
      const { err } = await ended;
      expect(err.match(/^ {2}https:\/\/acme\.test\/device$/gm)).toHaveLength(1);
      expect(err.match(/^ {2}ABCD-EFGH$/gm)).toHaveLength(1);
    }
  });

  it('a note does not run into a question that waits, which stands below it again', async () => {
    const { scene, attempt } = await connecting(withFlow({}));
    const terminal = inTerminal(scene, connect);
    const signIn = await attempt();
    signIn.play(link);
    await terminal.says('press Enter: ');
    signIn.play({ type: 'notice', notice: { code: 'late', text: 'It may take a while.' } });
    await terminal.says('while.');
    signIn.play({ type: 'completed', by: 'exit' });
    expect(await terminal.over).toBe(0);
    expect(terminal.text()).toMatch(
      /, and press Enter: \nNote: It may take a while\.\nIf the browser .*press Enter: \nChecking who signed in\.\.\.\nSigned in to Acme as .*\.\n$/,
    );
  });
});

it('one that is started again before the first is gone keeps the identity that the first had made', async () => {
  const { scene, identities, attempt, broker } = await connecting(withFlow({}));
  const first = scene.start(connect);
  const given = finished(first);
  const signIn = await attempt();
  let leave = () => {};
  signIn.gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  first.kill('SIGINT');
  await given;
  const again = scene.call(connect);
  while (broker.list().length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  leave();
  (await attempt(1)).play({ type: 'completed', by: 'exit' });
  const { code, err } = await again;
  expect([code, err]).toEqual([0, expect.stringContaining('in the identity Work.')]);
  expect(identities.list().bundles.map(({ name }) => name)).toEqual(['Work', 'No credentials']);
});

describe('what a provider needs to know first', () => {
  const host = {
    id: 'host',
    label: 'Host',
    hint: 'The portal shows it.',
    example: 'acme.example.com',
    accepts: '.*',
    required: true,
    kind: 'host',
  } as const;
  const plan = {
    ...host,
    id: 'plan',
    label: 'Plan',
    example: 'a b',
    accepts: 'a b|c',
    kind: 'text',
  } as const;
  const region = { ...plan, id: 'region', label: 'Region', example: 'eu', accepts: '(?:eu|us)' } as const;
  const optional = { ...plan, id: 'team', label: 'Team', required: false } as const;
  const usual = { ...plan, id: 'scope', label: 'Scope', accepts: '.*', default: 'read' } as const;
  const all = [host, plan, region, optional, usual];
  const provider = withFlow({
    parameters: all.map((parameter) => ({ ...parameter })),
    args: all.map(({ id }) => `{param:${id}}`),
  });

  it('is told whole where nobody can be asked, as a line to run', async () => {
    const { scene, identities } = await connecting(provider);
    const { code, err } = await scene.call([...connect, '--set', 'plan=c']);
    expect([code, err]).toEqual([
      1,
      `lanyard: a new identity, Work
lanyard: the new identity, Work, is dropped again
lanyard: Acme needs to know first: Host, Region.
Run it on a terminal, where it asks, or say it: lanyard connect acme --as Work --set plan=c --set host=acme.example.com --set region=eu
  host: Host, such as acme.example.com. The portal shows it.
  region: Region, one of eu, us. The portal shows it.
`,
    ]);
    expect(identities.list().bundles).toHaveLength(1);
    const none = await scene.call(connect);
    expect(none.err).toContain(`--set host=acme.example.com --set 'plan=a b' --set region=eu\n`);
  });

  it('a name that it does not ask for, and a value that is not right, are told before anything is asked', async () => {
    const { scene } = await connecting(provider);
    const wrong = await scene.call([...connect, '--set', 'hots=x', '--set', 'region=mars']);
    expect([wrong.code, wrong.err]).toEqual([
      1,
      expect.stringContaining(
        `lanyard: Acme cannot sign in with this: region, hots.
Correct it and try again. Nothing was started.
  region: This does not look right; it should look like eu.
  hots: This is not asked for. Did you mean host? There are: host, plan, region, team, scope
`,
      ),
    ]);
  });

  it('is asked for on a terminal, each until it is right', async () => {
    const { scene, attempt } = await connecting(provider);
    const terminal = inTerminal(scene, connect);
    await terminal.says('Host (The portal shows it. For example acme.example.com.): ');
    terminal.write('not a host\r');
    await terminal.says('This must be a host name alone');
    terminal.write('\r');
    await terminal.says('This is needed.');
    terminal.write('acme.test\r');
    await terminal.says('Plan (');
    terminal.write('c\r');
    await terminal.says('Region (');
    terminal.write('us\r');
    await terminal.says('Team (');
    terminal.write('\r');
    await terminal.says('Scope [read] (');
    terminal.write('\r');
    const signIn = await attempt();
    expect(signIn.request.flow.args).toEqual(['acme.test', 'c', 'us', 'read']);
    signIn.play({ type: 'completed', by: 'exit' });
    expect(await terminal.over).toBe(0);
  });
});
