import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { awsCli, type MotoServer, motoMissing, startMoto } from '../cloud/moto.fixture.ts';
import { awsKeyOfWork } from '../house/cloud-house.fixture.ts';
import { processStartTime } from '../process/kill-tree.ts';
import { asksNothing, CommandScene, finished } from './command.fixture.ts';
import { runCommand } from './run.ts';
import { sessionCommand } from './session.ts';
import { StartedPrograms } from './started-programs.ts';

describe.skipIf(motoMissing !== null)('lanyard session', { timeout: 60_000 }, () => {
  let moto: MotoServer;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.stop());

  /** The commands over real cloud sessions, with an AWS key in an identity. */
  async function scene() {
    const { house, parts, end } = await awsKeyOfWork(moto.recordedOrigin);
    onTestFinished(end);
    const faults: unknown[] = [];
    let noted: (id: string) => void = () => {};
    const started = new StartedPrograms({
      running: { started: ({ cloudSessionId = '' }) => noted(cloudSessionId), ended: () => {} },
      cloudRuns: {
        started: (id, process, line) => house.runs.started(id, process, line),
        ended: (id, process) => house.runs.ended(id, process, { keep: true }),
      },
      onFault: (error) => void faults.push(error),
      startTime: processStartTime,
      clock: systemClock,
      newId: () => 'run-1',
    });
    onTestFinished(() => started.stop());
    const { preparation } = house;
    const scope = { ...parts, approvals: asksNothing, now: systemClock.now };
    const commands = await CommandScene.open([
      sessionCommand(scope),
      runCommand({
        ...scope,
        preparation,
        started,
        platform: process.platform,
        installCommand: () => null,
        providerName: (id) => id,
      }),
    ]);
    const whenNoted = () => new Promise<string>((resolve) => (noted = resolve));
    return { house, commands, faults, whenNoted, call: (...args: string[]) => commands.call(args) };
  }
  const role = ['--role', 'arn:aws:iam::123456789012:role/agent'];

  it('C-15, R-4: opened, used by the real AWS CLI, listed, and revoked with what runs under it', async () => {
    const { house, commands, faults, whenNoted, call } = await scene();
    const none = await call('session', 'list');
    expect([none.code, none.out.length, none.err]).toEqual([0, 0, 'There is no cloud session.\n']);
    const opened = await call(
      'session',
      'start',
      '--as',
      'work',
      '--allow',
      'sts:*',
      '--for',
      '30m',
      ...role,
    );
    expect([opened.code, opened.err]).toEqual([0, expect.stringContaining('A new session: ')]);
    const id = opened.out.toString().trim();
    expect(house.desk.get(id).session).toMatchObject({ status: 'active', actions: ['sts:*'] });

    // C-6: the same again is the same session; as JSON it has its documented form.
    const again = await call(
      'session',
      'start',
      '--as',
      'work',
      '--allow',
      'sts:*',
      '--for',
      '30m',
      '--json',
      ...role,
    );
    const { reused, session } = JSON.parse(again.out.toString());
    expect([reused, session]).toEqual([
      true,
      expect.objectContaining({ id, cloud: 'aws', identity: expect.objectContaining({ name: 'Work' }) }),
    ]);
    expect(again.out.toString()).not.toMatch(/secret|AKIA|ASIA/i);

    const aws = awsCli();
    const endpoint = [`AWS_ENDPOINT_URL_STS=${moto.origin}`, 'AWS_REGION=us-east-1'];
    const ask = ['sts', 'get-caller-identity', '--output', 'json'];
    const who = await call(
      'run',
      '--session',
      id.slice(0, 8),
      '--',
      'env',
      ...endpoint,
      aws.file,
      ...aws.args,
      ...ask,
    );
    expect([who.code, who.err]).toEqual([0, '']);
    expect(JSON.parse(who.out.toString()).Arn).toContain(':assumed-role/agent/');
    const env = await call('run', '--session', id, '--', 'env');
    expect(env.out.toString()).toMatch(/^LANYARD_BUNDLE=Work$/m);
    expect(env.out.toString()).not.toContain('secret-of-the-key');

    const noted = whenNoted();
    const running = commands.start(['run', '--session', id, '--', 'sleep', '60']);
    const end = finished(running);
    expect(await noted).toBe(id);
    const listed = await call('session', 'list', '--json');
    expect(JSON.parse(listed.out.toString())).toMatchObject({
      schemaVersion: 1,
      sessions: [{ id, status: 'active' }],
    });
    expect((await call('session', 'list')).out.toString()).toContain(`${id.slice(0, 8)}  Work  `);

    const revoked = await call('session', 'revoke', id.slice(0, 8));
    expect([revoked.code, revoked.err]).toEqual([0, expect.stringContaining('is revoked.')]);
    expect((await end).signal).toBe('SIGTERM');
    expect((await call('run', '--session', id, '--', 'env')).code).toBe(125);
    expect(faults).toEqual([]);
  });

  it('R-4: what is missing or wrong is said before anything is issued', async () => {
    const { call } = await scene();
    moto.takeForms();
    const wrong: [string[], RegExp][] = [
      [['start', '--as', 'work', '--allow', 's3:*'], /Say who the session is to be: --role <arn>/],
      [['start', '--as', 'work', '--allow', 's3:*', '--for', 'soon', ...role], /lanyard: /],
      [
        ['start', '--as', 'work', '--profile', 'nothing', ...role],
        /There is no profile "nothing"; there are: /,
      ],
      [
        ['start', '--as', 'work', '--allow', 's3:*', '--federated', ...role],
        /leave out --role or --federated/,
      ],
      [['start', '--as', 'work', '--source', 'nothing', ...role], /Say which account with --source: "/],
      [['revoke', 'ffffffff'], /There is no session "ffffffff"/],
      [['begin'], /There is no "session begin"/],
      [[], /Say start, list or revoke/],
    ];
    for (const [args, says] of wrong) {
      const { code, out, err } = await call('session', ...args);
      expect([code === 0, out.length, err]).toEqual([false, 0, expect.stringMatching(says)]);
    }
    expect(moto.takeForms()).toEqual([]);
  });
});
