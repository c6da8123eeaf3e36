import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { identitiesIn, MemoryStoreFile } from '../identities/identities.fixture.ts';
import type { LaunchOptions } from '../launch/launch-preparation.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { ApprovalSettings } from './approval-settings.ts';
import { Approvals, answerLimitMs, readingMs } from './approvals.ts';
import { askerOf } from './asker.ts';
import { CommandScene, temporaryDirectory } from './command.fixture.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { envCommand } from './env.ts';
import { runCommand } from './run.ts';
import { sessionCommand } from './session.ts';
import { tokenCommand } from './token.ts';

/** The commands that hand something out, over an identity that asks, with what they did beyond asking. */
async function scene(bringUp: (() => void) | null = () => {}) {
  const directory = temporaryDirectory();
  const { identities } = identitiesIn(directory, new MemoryStoreFile());
  const { id } = identities.createBundle('Work');
  await identities.saveApiKey({
    bundleId: id,
    providerId: 'acme',
    displayName: 'Ada',
    status: 'valid',
    secret: { service: 'Lanyard', account: 'acme/1' },
  });
  const acme = {
    ...sampleDefinition({ id: 'acme', name: 'Acme' }),
    issuer: { url: 'https://issuer.example.test' },
  } as never;
  const did: string[] = [];
  const clock = new ManualClock();
  const waits: (() => void)[] = [];
  const approvals = new Approvals({
    settings: new ApprovalSettings({
      read: () => JSON.stringify({ [id]: 'always' }),
      write: () => {},
      bundleIds: () => [id],
    }),
    asker: (pid) => askerOf(pid, () => true),
    fromKernel: true,
    bringUp,
    redact: (text) => text,
    clock,
    newId: () => 'request',
    audit: { record: () => {} },
    onChanged: () => {
      if (approvals.waiting().request) for (const wait of waits.splice(0)) wait();
    },
  });
  const session = {
    id: 'session-1',
    bundleId: id,
    principal: 'arn:aws:iam::123456789012:role/agent',
    actions: ['s3:GetObject'],
    deny: [],
    resources: [],
    endsAt: 90_000,
  };
  const desk = async () =>
    ({
      list: () => ({ sessions: [session], more: 0, problems: [] }),
      profiles: () => ({ profiles: [], problems: [] }),
      sources: async () => [{ id: 'key', cloud: 'aws', label: 'A key', principals: ['role'] }],
      open: async () => {
        did.push('opened');
        return { session, reused: false };
      },
    }) as never;
  const parts = {
    identities,
    directories: new DirectoryScopes({ read: () => null, write: () => {} }),
    approvals,
    platform: process.platform,
    installCommand: () => null,
    providerName: (id: string) => id,
    now: () => 30_000,
    desk,
    started: { add: async () => {} },
    providers: { find: (provider: string) => (provider === 'acme' ? acme : null) },
    keeper: {
      currentBearer: async () => {
        did.push('renewed');
        return { status: 'ok', token: new Secret('at-1') } as never;
      },
    },
    preparation: {
      of: async (bundleId: string, { parent = {} }: LaunchOptions = {}) => {
        did.push('prepared');
        const env = { PATH: parent.PATH ?? '' };
        return {
          bundle: identities.bundle(bundleId),
          env,
          secrets: { ACME_KEY: new Secret('ak-1') },
          leftOut: [],
        };
      },
    },
  };
  const commands = await CommandScene.open(
    [runCommand(parts), envCommand(parts), tokenCommand(parts), sessionCommand(parts)],
    { clock: systemClock },
  );
  const asked = () => new Promise<void>((resolve) => waits.push(resolve));
  return { commands, approvals, clock, did, asked };
}

const asks: [string, string[], string, RegExp][] = [
  ['run', ['run', '--as', 'Work', '--', 'printenv', 'ACME_KEY'], 'prepared', /^ak-1\n$/],
  [
    'run --session',
    ['run', '--as', 'Work', '--session', 'session-1', '--', 'printenv', 'ACME_KEY'],
    'prepared',
    /^ak-1\n$/,
  ],
  ['env', ['env', '--as', 'Work'], 'prepared', /ACME_KEY='ak-1'/],
  ['token', ['token', 'acme', '--as', 'Work'], 'renewed', /^at-1\n$/],
  [
    'session start',
    [
      'session',
      'start',
      '--as',
      'Work',
      '--role',
      'arn:aws:iam::123456789012:role/agent',
      '--allow',
      's3:GetObject',
    ],
    'opened',
    /^session-1\n$/,
  ],
];

describe('commands that hand something out', () => {
  it.each(asks)(
    'C-22: lanyard %s: nothing is read, issued or printed before the answer',
    async (_, line, work, out) => {
      const { commands, approvals, clock, did, asked } = await scene();
      const waits = asked();
      const called = commands.call(line);
      await waits;
      const { request } = approvals.waiting();
      expect([did, request?.bundleName]).toEqual([[], 'Work']);
      if (line.includes('start') || line.includes('--session'))
        expect(request?.session).toMatchObject({
          principal: 'arn:aws:iam::123456789012:role/agent',
          actions: ['s3:GetObject'],
          seconds: line.includes('start') ? 3600 : 60,
        });
      clock.advance(readingMs);
      approvals.answer('request', 'once');
      const finished = await called;
      expect([finished.code, finished.out.toString()]).toEqual([0, expect.stringMatching(out)]);
      expect(did).toEqual([work]);
    },
  );

  it.each(asks)('R-8: lanyard %s: a no, and a time-out, leave nothing done', async (_, line) => {
    const { commands, approvals, clock, did, asked } = await scene();
    let waits = asked();
    let called = commands.call(line);
    await waits;
    approvals.answer('request', 'deny');
    const denied = await called;
    waits = asked();
    called = commands.call(line);
    await waits;
    clock.advance(answerLimitMs);
    const late = await called;
    const failed = line[0] === 'run' ? 125 : 1;
    expect([denied.code, denied.out.length, late.code, late.out.length]).toEqual([failed, 0, failed, 0]);
    expect(denied.err).toContain('was not allowed');
    expect(late.err).toContain('within 60 seconds');
    expect(did).toEqual([]);
  });

  it('R-8: without a window it is refused with what helps, and nothing is asked on the terminal', async () => {
    const { commands, did } = await scene(null);
    const { code, out, err } = await commands.call(['run', '--as', 'Work', '--', 'true'], { input: 'y\n' });
    expect([code, out.length, did]).toEqual([125, 0, []]);
    expect(err).toBe(
      'lanyard: Work asks before a program uses it, and this Lanyard has no window to ask in.\n' +
        'Use the app in place of lanyard serve, or stop asking for this identity there, in Settings > Identities.\n',
    );
  });
});
