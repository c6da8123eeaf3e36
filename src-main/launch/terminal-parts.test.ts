import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { openJsonFile } from '../programs/json-file.ts';
import { Redactor } from '../vault/redact.ts';
import { Secret } from '../vault/secret.ts';
import { KeptCommands } from './kept-commands.ts';
import { PatientInput } from './patient-input.ts';
import { shellStart } from './shell-command.ts';
import { checkedLink } from './terminal-link.ts';

const codeOf = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });
const failureOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
};

describe('shellStart', () => {
  it.each([
    [{ SHELL: '/bin/bash' }, null, 'linux', ['/bin/bash'], 'bash'],
    [{ SHELL: '/bin/zsh' }, null, 'darwin', ['/bin/zsh', '-l'], 'zsh'],
    [{}, null, 'darwin', ['/bin/zsh', '-l'], 'zsh'],
    [{}, null, 'linux', ['/bin/sh'], 'sh'],
    [{ SHELL: '/usr/bin/fish' }, 'ls; "$x"', 'linux', ['/usr/bin/fish', '-i', '-c', 'ls; "$x"'], 'fish'],
    [{ SHELL: '/bin/dash' }, 'ls', 'linux', ['/bin/dash', '-c', 'ls'], 'dash'],
    [{ SHELL: '/bin/zsh' }, 'ls', 'darwin', ['/bin/zsh', '-l', '-i', '-c', 'ls'], 'zsh'],
    [
      { ComSpec: 'C:\\W\\cmd.exe' },
      'dir & ver',
      'win32',
      ['C:\\W\\cmd.exe', '/d', '/s', '/c', 'dir & ver'],
      'cmd',
    ],
  ] as const)('the person’s shell: %j, %j on %s', (env, line, platform, command, name) => {
    const start = shellStart(env, line, platform);
    expect([start.file, ...start.args]).toEqual(command);
    expect(start.name).toBe(name);
  });
});

describe('checkedLink', () => {
  it.each(['https://example.test/a?b=c#d', 'http://127.0.0.1:1455/'])('opens %s', (link) => {
    expect(checkedLink(link)).toBe(link);
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'lanyard://connect',
    'https://bank.test@evil.test/',
    'https://:pw@evil.test/',
    'example.test',
    'https://',
  ])('refuses %s', (link) => {
    expect(failureOf(() => checkedLink(link))).toEqual(codeOf('link_refused'));
  });
});

describe('PatientInput', () => {
  it('hands on in order what a slow program takes in pieces, and splits no character', () => {
    const clock = new ManualClock();
    const taken: string[] = [];
    let room = 1;
    const input = new PatientInput((text) => {
      if (room === 0) return false;
      room -= 1;
      taken.push(text);
      return true;
    }, clock);
    const pasted = `x${'😀'.repeat(20_000)}`;
    expect(input.push(pasted)).toBe(true);
    expect(input.push('typed')).toBe(true);
    expect(taken.length).toBe(1);
    for (let round = 0; round < 5; round += 1) {
      room = 1;
      clock.advance(20);
    }
    expect(taken.join('')).toBe(`${pasted}typed`);
    for (const piece of taken) expect(Buffer.from(piece).toString()).toBe(piece);
  });

  it('refuses what is too much, and forgets what waits when the program ends', () => {
    const clock = new ManualClock();
    let asked = 0;
    const input = new PatientInput(() => {
      asked += 1;
      return false;
    }, clock);
    expect(input.push('x'.repeat(4 * 1024 * 1024))).toBe(true);
    expect(input.push('x')).toBe(false);
    input.close();
    const before = asked;
    clock.advance(1_000);
    expect(asked).toBe(before);
  });
});

describe('KeptCommands', () => {
  let folder: string;
  let path: string;
  const redactor = new Redactor();
  redactor.add(new Secret('the-registered-one'));
  const open = () => new KeptCommands(openJsonFile(path), (text) => redactor.redact(text));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanyard-kept-'));
    path = join(folder, 'kept-commands.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps per bundle, the last used first, over a restart, for the person alone', () => {
    const kept = open();
    kept.keep('work', 'codex');
    kept.keep('work', 'claude --resume');
    kept.keep('work', 'codex');
    kept.keep('home', 'gemini');
    expect(open().of('work')).toEqual(['codex', 'claude --resume']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    open().forget('work', 'codex');
    expect(open().of('work')).toEqual(['claude --resume']);
    open().keepOnly(['work']);
    expect(open().of('home')).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'keeps nothing for %s, which every object has',
    (bundleId) => {
      expect(open().of(bundleId)).toEqual([]);
      open().forget(bundleId, 'codex');
      expect(open().of(bundleId)).toEqual([]);
    },
  );

  it.each([
    'curl -H "Authorization: Bearer abc.def" x',
    'OPENAI_API_KEY=sk-abcdefghijklmnop codex',
    'x the-registered-one',
  ])('keeps nothing that visibly holds a secret: %s', (line) => {
    const kept = open();
    kept.keep('work', 'codex');
    expect(failureOf(() => kept.keep('work', line))).toEqual(codeOf('command_holds_secret'));
    expect(kept.of('work')).toEqual(['codex']);
    expect(readFileSync(path, 'utf8')).not.toContain(line);
  });

  it('a list that cannot be written is said to be, and stays as it was', () => {
    const kept = open();
    rmSync(folder, { recursive: true });
    expect(failureOf(() => kept.keep('work', 'codex'))).toEqual(codeOf('could_not_save'));
    expect(kept.of('work')).toEqual([]);
  });

  it('an id that a window made up finds nothing and changes nothing', () => {
    const kept = open();
    for (const id of ['hasOwnProperty', '__proto__', 'constructor']) {
      expect(kept.of(id)).toEqual([]);
      kept.forget(id, '');
      expect(existsSync(path)).toBe(false);
    }
  });

  it('at most twenty per bundle', () => {
    const kept = open();
    for (let count = 0; count < 25; count += 1) kept.keep('work', `command ${count}`);
    expect(kept.of('work').length).toBe(20);
    expect(kept.of('work')[0]).toBe('command 24');
  });
});
