import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open, press } from '../demo/browser.fixture.ts';
import { DemoService } from '../demo/demo-service.ts';
import { type InterpreterEvent, OutputInterpreter } from '../methods/cli/output-interpreter.ts';
import { decidePaste } from '../methods/pasted-text.ts';
import { checkDefinition } from './definition-schema.ts';
import { demoProvider } from './demo.ts';

const entry = fileURLToPath(new URL('../demo/run-demo-cli.ts', import.meta.url));
const service = new DemoService();
let origin: string;
let home: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'demo-provider-'));
  ({ origin } = await service.start());
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await service.stop();
  await rm(home, { recursive: true, force: true });
});

type Told<T extends InterpreterEvent['type']> = Extract<InterpreterEvent, { type: T }>;

/** Runs the real demo CLI for a flow, and reads its output as a sign-in would. */
function run(flowId: string) {
  const provider = demoProvider({ file: process.execPath, args: [entry] }, origin);
  const flow = provider.flows.find(({ id }) => id === flowId);
  if (!flow) throw new Error(`no flow ${flowId}`);
  const events: InterpreterEvent[] = [];
  let wake = () => {};
  const interpreter = new OutputInterpreter({
    flow,
    allowedHosts: provider.allowedHosts,
    mode: 'pipe',
    columns: 1000,
    rows: 50,
    redact: (line) => line,
    respond: () => {},
    emit: (event) => {
      events.push(event);
      wake();
    },
  });
  const [file = ''] = provider.program.names;
  const env = { DEMO_HOME: home, ...provider.environment.set };
  const child = spawn(file, [...provider.program.args, ...flow.args], { env });
  children.push(child);
  const written: Promise<void>[] = [];
  child.stdout.on('data', (chunk: Buffer) => written.push(interpreter.write(chunk, 'stdout')));
  child.stderr.on('data', (chunk: Buffer) => written.push(interpreter.write(chunk, 'stderr')));
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      void Promise.all(written)
        .then(() => interpreter.end())
        .then(() => resolve(code));
    });
  });
  const next = async <T extends InterpreterEvent['type']>(type: T, nth = 0): Promise<Told<T>> => {
    for (;;) {
      const found = events.filter((event): event is Told<T> => event.type === type)[nth];
      if (found) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { flow, events, child, exited, next, interpreter };
}

describe('demoProvider', () => {
  it('is a definition like any other', () => {
    const definition = demoProvider({ file: '/opt/app', args: ['--demo-cli'] }, origin);
    expect(checkDefinition(definition)).toEqual({ ok: true, definition });
    expect(definition.program).toMatchObject({ names: ['/opt/app'], args: ['--demo-cli'] });
  });

  it('L-1, S-6: its link is listed, its success line names the email', async () => {
    const { next, exited, events } = run('browser');
    const { url, trust } = await next('link');
    expect(trust).toBe('listed');
    await press(await open(url), 'Approve', { person: 'demo-grace' });
    expect(await exited).toBe(0);
    expect(await next('email')).toMatchObject({ email: 'grace@demo.lanyard.test' });
    expect(events.filter(({ type }) => type === 'completed')).toHaveLength(1);
  });

  it('L-3: its device code is found, with where to enter it and for how long', async () => {
    const { next, exited } = run('device');
    const { code, verificationUrl, lifetimeMs } = await next('code');
    expect([verificationUrl, lifetimeMs]).toEqual([`${origin}/device`, 600_000]);
    await press(await open(verificationUrl), 'Approve', { user_code: code });
    expect(await exited).toBe(0);
  });

  it('V-1, V-4: its prompt and its refusal are seen; the address of its code page can be pasted', async () => {
    const { flow, child, next, exited } = run('paste');
    const { url } = await next('link');
    await next('prompt');
    child.stdin.write('not a code\n');
    await next('paste-rejected');
    const page = await press(await open(url), 'Approve');
    const decision = decidePaste(page.url, flow.paste, { printed: url, captured: null });
    expect(decision).toEqual({ kind: 'write', text: new URL(page.url).searchParams.get('code') });
    expect(decidePaste('demo_123', flow.paste, { printed: url, captured: null }).kind).toBe('refuse');
    child.stdin.write(`${decision.kind === 'write' ? decision.text : ''}\n`);
    expect(await exited).toBe(0);
    await next('completed');
  });

  it('says why it failed', async () => {
    const { next, exited, interpreter } = run('browser');
    const { url } = await next('link');
    await press(await open(url), 'Deny');
    expect(await exited).toBe(1);
    expect(interpreter.failure()).toMatchObject({ code: 'sign_in_denied' });
  });
});
