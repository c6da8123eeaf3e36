import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import type { Caller } from './caller.ts';
import { builtCommand, CommandScene, commandThat, finished, temporaryDirectory } from './command.fixture.ts';
import { type Command, done, UsageError } from './command.ts';
import { frameOf } from './frames.ts';
import { peerOf } from './peer.ts';
import { longestHello } from './protocol.ts';

const isRoot = process.getuid?.() === 0;
/** Somebody who is neither us nor root. */
const nobody = 65_534;

const greets = commandThat('greet', async (args, caller) => {
  caller.out(`hello ${args.join(' ')}\n`);
  caller.say('said');
  return done;
});

async function dial(scene: CommandScene): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(scene.place.path);
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (more) => {
      text += more;
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(text));
  });
  await once(socket, 'connect');
  return { socket, answer };
}

const hello = (changes: Record<string, unknown> = {}) => ({
  lanyard: 1,
  version: 'test',
  argv: ['greet'],
  cwd: '/',
  tty: { in: false, out: false, err: false },
  environment: [],
  pid: process.pid,
  ...changes,
});

describe('the socket of the command', () => {
  it('R-4: a command is answered: data on stdout, words on stderr, an exit code', async () => {
    const scene = await CommandScene.open([greets]);
    const { code, out, err } = await scene.call(['greet', 'you', 'there']);
    expect([code, out.toString(), err]).toEqual([0, 'hello you there\n', 'said\n']);
  });

  it('R-8: its directory and itself are for nobody else, and are gone after the house', async () => {
    const scene = await CommandScene.open([greets]);
    expect(statSync(join(scene.data, 'command')).mode & 0o777).toBe(0o700);
    expect(lstatSync(scene.place.path).mode & 0o777).toBe(0o600);
    await scene.server.stop();
    expect(existsSync(scene.place.path)).toBe(false);
    const { code, err } = await scene.call(['status']);
    expect([code, err]).toEqual([3, expect.stringContaining('is not running')]);
  });

  it('R-4: a data directory whose path is too long for a socket is served all the same', async () => {
    const data = temporaryDirectory(join(temporaryDirectory(), 'd'.repeat(100)));
    const scene = await CommandScene.open([greets], { data });
    expect(scene.place.path.startsWith('/tmp/lanyard-')).toBe(true);
    onTestFinished(() => spawn('rmdir', [scene.place.directory ?? '']).unref());
    expect((await scene.call(['greet'])).out.toString()).toBe('hello \n');
  });

  it('R-4: what a house that was killed left there is no obstacle', async () => {
    const data = temporaryDirectory();
    mkdirSync(join(data, 'command'));
    const killed = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(join(data, 'command', 'lanyard.sock'))},
        () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    await once(killed, 'close');
    expect(existsSync(join(data, 'command', 'lanyard.sock'))).toBe(true);
    const scene = await CommandScene.open([greets], { data });
    expect((await scene.call(['greet'])).code).toBe(0);
  });

  it('R-8: a directory that is a link, or that others can open, is not trusted by either side', async () => {
    const data = temporaryDirectory();
    const elsewhere = temporaryDirectory();
    symlinkSync(elsewhere, join(data, 'command'));
    await expect(CommandScene.open([greets], { data })).rejects.toMatchObject({
      failure: { code: 'socket_place_unsafe' },
    });
    const scene = await CommandScene.open([greets]);
    chmodSync(join(scene.data, 'command'), 0o755);
    const { code, err } = await scene.call(['greet']);
    expect([code, err]).toEqual([3, expect.stringContaining('only you can open')]);
  });
});

describe('who may talk to it', () => {
  it('R-8: a web page: the bytes of a request end the connection without an answer', async () => {
    const scene = await CommandScene.open([greets]);
    for (const text of [
      'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'POST / HTTP/1.1\r\nOrigin: null\r\n\r\n',
    ]) {
      const { socket, answer } = await dial(scene);
      socket.write(text);
      expect(await answer).toBe('');
    }
    expect(scene.noted).toEqual(['command.refused not the protocol', 'command.refused not the protocol']);
  });

  it('R-8: another user’s process cannot even open it', async (context) => {
    if (!isRoot) return context.skip('needs root, to become somebody else');
    const scene = await CommandScene.open([greets]);
    // What stands above it is not what keeps them out.
    chmodSync(scene.data, 0o755);
    const { code, err } = await asNobody(`connect(${JSON.stringify(scene.place.path)})`);
    expect([code, err]).toEqual([1, 'EACCES']);
  });

  it('R-8: one that got in all the same is refused by the kernel’s word for who it is', async (context) => {
    if (!isRoot) return context.skip('needs root, to become somebody else');
    const scene = await CommandScene.open([greets]);
    for (const path of [scene.data, join(scene.data, 'command'), scene.place.path]) chmodSync(path, 0o777);
    const lie = frameOf(hello({ pid: process.pid })).toString('base64');
    const { out } = await asNobody(
      `connect(${JSON.stringify(scene.place.path)}).on('connect', function () { this.write(Buffer.from('${lie}', 'base64')) })`,
    );
    expect(out.toString()).toContain(
      Buffer.from('lanyard: This Lanyard does not answer to this user.\n').toString('base64').slice(0, 60),
    );
    expect(out.toString()).not.toContain(Buffer.from('hello').toString('base64').slice(0, 6));
    expect(scene.noted).toEqual(['command.refused other user']);
  });

  it('R-8: where the kernel cannot be asked, nobody is let in', async () => {
    const scene = await CommandScene.open([greets], { peerOf: async () => null });
    const { code, out, err } = await scene.call(['greet']);
    expect([code, out.toString(), err]).toEqual([
      3,
      '',
      expect.stringContaining('does not answer to this user'),
    ]);
  });

  it('R-8: the caller’s process is the kernel’s to say, not its own', async () => {
    const pids: number[] = [];
    const tells = commandThat('tell', async (_, caller) => {
      pids.push(caller.pid);
      return done;
    });
    const scene = await CommandScene.open([tells]);
    const { socket, answer } = await dial(scene);
    socket.write(frameOf(hello({ argv: ['tell'], pid: 1 })));
    await answer.finally(() => socket.destroy());
    const child = scene.start(['tell']);
    await finished(child);
    expect(pids).toEqual([process.pid, child.pid]);
  });

  it('R-8: asking the kernel leaves the connection as it was', async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    const path = join(temporaryDirectory(), 's');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(path);
    const [socket] = await accepted;
    expect(await peerOf(socket, builtCommand(), systemClock)).toEqual({
      uid: process.getuid?.(),
      pid: process.pid,
    });
    client.write('still here');
    expect(String((await once(socket, 'data'))[0])).toBe('still here');
    client.destroy();
  });
});

describe('what is no right conversation', () => {
  it.each([
    [2, 'Quit Lanyard and start it again.'],
    [0, 'Install the command again'],
  ])('R-4: version %i of the protocol is named, with what helps', async (lanyard, hint) => {
    const scene = await CommandScene.open([greets]);
    const { socket, answer } = await dial(scene);
    socket.write(frameOf({ lanyard, anything: true }));
    const [, said = ''] = /"bytes":"([^"]+)"/.exec(await answer) ?? [];
    const text = Buffer.from(said, 'base64').toString();
    expect(text).toContain(`speaks version ${lanyard}, and the running Lanyard version 1.`);
    expect(text).toContain(hint);
  });

  it('R-8: a frame that is too long, half a frame, no hello, and a frame too early', async () => {
    const scene = await CommandScene.open([greets]);
    const long = Buffer.alloc(8);
    long.writeUInt32BE(longestHello + 1);
    const wrong = [long, frameOf({ lanyard: 1 }), frameOf('hello'), frameOf(hello({ argv: 'rm' }))];
    for (const bytes of wrong) {
      const { socket, answer } = await dial(scene);
      socket.write(bytes);
      expect(await answer).toBe('');
    }
    const half = await dial(scene);
    half.socket.end(frameOf(hello()).subarray(0, 20));
    expect(await half.answer).toBe('');
    expect((await scene.call(['greet'])).code).toBe(0);
  });

  it('R-8: one that says nothing is hung up on', async () => {
    const clock = new ManualClock();
    const scene = await CommandScene.open([greets], { clock });
    const { answer } = await dial(scene);
    // The server has taken it when a later one has been answered.
    await scene.call(['greet']);
    clock.advance(5_000);
    expect(await answer).toBe('');
  });

  it('R-8: words for the person hold nothing that a terminal obeys; data stays as it is', async () => {
    const odd = 'a\x1b]52;c;aGk=\x07\x9b2J\r\x7f\u202eb\tc';
    const says = commandThat('says', async (_, caller) => {
      caller.say(`one\n${odd}`);
      caller.complain(odd);
      caller.table(`${odd}\n`);
      caller.out(odd);
      return done;
    });
    const scene = await CommandScene.open([says]);
    const { out, err } = await scene.call(['says']);
    const plain = 'a\ufffd]52;c;aGk=\ufffd\ufffd2J\ufffd\ufffd\ufffdb\tc';
    expect(err).toBe(`one\n${plain}\nlanyard: ${plain}\n`);
    expect(out.toString()).toBe(`${plain}\n${odd}`);
  });

  it('R-4: a long command line and a large environment arrive', async () => {
    const counts = commandThat('count', async (args, caller) => {
      caller.out(`${args.join('').length} ${caller.environment.LARGE?.length}`);
      return done;
    });
    const scene = await CommandScene.open([counts]);
    const args = Array.from({ length: 10 }, () => 'x'.repeat(100_000));
    const { out } = await scene.call(['count', ...args], { env: { LARGE: 'y'.repeat(120_000) } });
    expect(out.toString()).toBe('1000000 120000');
  });
});

describe('how it ends', () => {
  it('R-4: a caller that is killed in the middle ends what was done for it', async () => {
    let asked: (caller: Caller) => void = () => {};
    const began = new Promise<Caller>((resolve) => {
      asked = resolve;
    });
    const answers: (string | null)[] = [];
    const asks = commandThat('ask', async (_, caller) => {
      asked(caller);
      answers.push(await caller.ask('? '));
      return done;
    });
    const scene = await CommandScene.open([asks]);
    const child = scene.start(['ask']);
    const { gone } = await began;
    const over = once(gone, 'abort');
    child.kill('SIGKILL');
    await over;
    await scene.server.stop();
    expect(answers).toEqual([null]);
  });

  it('R-4: a house that ends in the middle is said, with the exit code for it', async () => {
    const waits = commandThat('wait', async (_, caller) => {
      await once(caller.gone, 'abort');
      return done;
    });
    const scene = await CommandScene.open([commandThat('ready', async () => done), waits, launching('run')]);
    const child = scene.start(['wait']);
    const end = finished(child);
    // It is in when one that came later was answered.
    await scene.call(['ready']);
    await scene.server.stop();
    const { code, err } = await end;
    expect([code, err]).toEqual([3, expect.stringContaining('Lanyard ended, or hung up')]);
  });

  it('R-4: errors for people keep their words; faults of ours keep theirs to themselves', async () => {
    const scene = await CommandScene.open([
      commandThat('refuse', async () => {
        throw new LanyardError({
          code: 'a',
          title: 'No.',
          hint: 'Do this.',
          detail: 'It said\nno.',
          fields: { url: 'Wrong.' },
        });
      }),
      commandThat('break', async () => {
        throw new Error('secret-in-an-error');
      }),
      commandThat('launch', async () => Promise.reject(new UsageError('What?')), { failureCode: 125 }),
      commandThat('misuse', async () => Promise.reject(new UsageError('What?'))),
    ]);
    const all = await Promise.all(
      ['refuse', 'break', 'launch', 'misuse', 'unheard'].map((name) => scene.call([name])),
    );
    expect(all.map(({ code, out }) => [code, out.length])).toEqual([
      [1, 0],
      [1, 0],
      [125, 0],
      [2, 0],
      [2, 0],
    ]);
    expect(all[0]?.err).toBe('lanyard: No.\n  It said\ufffdno.\nDo this.\n  url: Wrong.\n');
    expect(all[1]?.err).toBe(
      'lanyard: Something went wrong in Lanyard itself.\nIts log has more, in the data directory: lanyard status says where.\n',
    );
    expect(all[3]?.err).toBe('lanyard: What?\nUsage: lanyard misuse\n');
    expect(all[4]?.err).toContain('There is no command "unheard".');
  });

  it('R-4: a reader that goes away is no reason to hang', async () => {
    const floods = commandThat('flood', async (_, caller) => {
      for (let count = 0; count < 200; count++) caller.out(Buffer.alloc(65_536, 46));
      return done;
    });
    const scene = await CommandScene.open([floods]);
    const child = scene.start(['flood']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect((await finished(child)).code).not.toBe(0);
  });
});

function launching(name: string): Command {
  return commandThat(name, async () => done, { failureCode: 125 });
}

/** Runs a line of Node as another user; what it reads comes out, the error's code on stderr. */
function asNobody(line: string) {
  const script = `require('net').${line}
    .on('data', (bytes) => process.stdout.write(bytes))
    .on('error', (error) => { process.stderr.write(error.code); process.exit(1); })`;
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const file = join(directory, 'line.cjs');
  writeFileSync(file, script, { mode: 0o644 });
  // The Node of the machine: ours may stand where they cannot go.
  return finished(
    spawn('setpriv', [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', 'node', file], {
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    }),
  );
}
