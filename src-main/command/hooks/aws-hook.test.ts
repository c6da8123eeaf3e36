import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { awsCli, type MotoServer, motoMissing, startMoto } from '../../cloud/moto.fixture.ts';
import { awsKeyOfWork } from '../../house/cloud-house.fixture.ts';
import { asksNothing, builtCommand, CommandScene } from '../command.fixture.ts';
import { sessionCommand } from '../session.ts';
import { awsHook } from './aws-hook.ts';
import { credentialCommand } from './credential.ts';
import { HandOut } from './hand-out.ts';

describe.skipIf(motoMissing !== null)('lanyard credential aws', { timeout: 60_000 }, () => {
  let moto: MotoServer;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.stop());

  async function scene(allow: () => Promise<void> = async () => {}) {
    const { data, house, bundleId, parts, end } = await awsKeyOfWork(moto.recordedOrigin);
    onTestFinished(end);
    house.identities.createBundle('Client A');
    const audit = { record: (event: (typeof house.events)[number]) => void house.events.push(event) };
    const handOut = new HandOut({ audit, allow });
    const commands = await CommandScene.open([
      sessionCommand({ ...parts, approvals: asksNothing }),
      credentialCommand([awsHook({ ...parts, handOut })]),
    ]);
    const call = async (...args: string[]) => {
      const { code, out, err } = await commands.call(args);
      return { code, out: out.toString(), err };
    };
    const open = async (...more: string[]) => {
      const role = ['--role', 'arn:aws:iam::123456789012:role/agent'];
      const allowed = ['--allow', 'sts:*', '--for', '30m'];
      const { out } = await call('session', 'start', '--as', 'work', ...allowed, ...role, ...more);
      return out.trim();
    };
    const issued = () => house.events.filter(({ kind }) => kind === 'credential.issued');
    return { data, house, bundleId, commands, call, open, issued };
  }

  it('R-6: the real AWS CLI gets an open session’s credentials by credential_process', async () => {
    const { data, house, bundleId, commands, open, issued } = await scene();
    const id = await open();
    const config = join(data, 'aws-config');
    const process_ = `${builtCommand()} credential aws --as Work`;
    writeFileSync(config, `[profile work]\nregion = us-east-1\ncredential_process = ${process_}\n`);
    const aws = awsCli();
    const asked = [...aws.args, 'sts', 'get-caller-identity', '--profile', 'work', '--output', 'json'];
    const said = await new Promise<string>((resolve, reject) => {
      const env = {
        PATH: process.env.PATH,
        HOME: data,
        LANYARD_HOME: commands.data,
        AWS_CONFIG_FILE: config,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL_STS: moto.origin,
      };
      execFile(aws.file, asked, { env }, (error, out) => (error ? reject(error) : resolve(out)));
    });
    expect(JSON.parse(said).Arn).toContain(':assumed-role/agent/');
    expect(issued()).toEqual([
      {
        kind: 'credential.issued',
        bundleId,
        sessionId: id,
        detail: { hook: 'aws', host: expect.stringContaining('agent') },
      },
    ]);
    expect(JSON.stringify(house.events)).not.toMatch(/secret-of-the-key/);
  });

  it('R-6: it prints the form of credential_process and nothing else, and ends with the session', async () => {
    const { house, call, open } = await scene();
    const id = await open();
    const { code, out, err } = await call('credential', 'aws', '--session', id.slice(0, 8));
    expect([code, err]).toEqual([0, '']);
    const { Version, Expiration, ...keys } = JSON.parse(out);
    expect([Version, Object.keys(keys)]).toEqual([1, ['AccessKeyId', 'SecretAccessKey', 'SessionToken']]);
    const { session } = house.desk.get(id);
    expect(Date.parse(Expiration)).toBeLessThanOrEqual(session.endsAt);
    await house.desk.revoke(id);
    const after = await call('credential', 'aws', '--session', id);
    expect([after.code, after.out]).toEqual([1, '']);
  });

  it('R-6: none, several, or one of another identity is said, and nothing is issued', async () => {
    const { call, open, issued } = await scene();
    const none = await call('credential', 'aws', '--as', 'work');
    expect(none).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('lanyard session start --as Work'),
    });
    const id = await open();
    await open('--new');
    const several = await call('credential', 'aws', '--as', 'work');
    expect(several).toMatchObject({ code: 1, out: '', err: expect.stringContaining(id.slice(0, 8)) });
    const other = await call('credential', 'aws', '--as', 'client a', '--session', id);
    expect(other).toMatchObject({ code: 1, out: '', err: expect.stringContaining('is of Work') });
    expect(await call('credential', 'oracle')).toMatchObject({ code: 2, out: '' });
    expect(issued()).toEqual([]);
  });

  it('R-6: what the person does not allow is neither made nor counted', async () => {
    const { house, call, open, issued } = await scene(async () => {
      throw new Error('no');
    });
    const id = await open();
    const before = house.sessionOf(id)?.usage?.credentialRequests ?? 0;
    expect(await call('credential', 'aws', '--session', id)).toMatchObject({ code: 1, out: '' });
    expect(house.sessionOf(id)?.usage?.credentialRequests ?? 0).toBe(before);
    expect(issued()).toEqual([]);
  });
});
