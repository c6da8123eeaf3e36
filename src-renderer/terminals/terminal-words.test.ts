import { describe, expect, it } from 'vitest';
import type { RunningView } from '../../src-preload/contract/running.ts';
import type { TerminalTab } from '../../src-preload/contract/terminals.ts';
import { endText, linksIn, loginText, newEnds, oldLoginNote, programName } from './terminal-words.ts';

const tab = (changes: Partial<TerminalTab> = {}): TerminalTab => ({
  tabId: 't',
  bundleId: 'work',
  bundleName: 'Work',
  colour: '#0b6e6e',
  command: 'npm test',
  shell: 'bash',
  startedAt: 0,
  status: 'running',
  leftOut: [],
  ...changes,
});
const login = (state: RunningView['logins'][number]['state'], now?: string) => ({
  providerId: 'codex',
  startedAs: 'ada@acme.test',
  state,
  ...(now === undefined ? {} : { now }),
});
const program = (id: string, state: RunningView['logins'][number]['state']): RunningView => ({
  id,
  bundleId: 'work',
  bundleName: 'Work',
  colour: '#0b6e6e',
  bundleGone: false,
  command: 'codex',
  since: 0,
  origin: 'tab',
  pid: 7,
  logins: [login(state)],
});

describe('how a tab ended', () => {
  it.each([
    [{ code: 7, signal: null }, 'Ended with code 7'],
    [{ code: 0, signal: null }, 'Ended'],
    [{ code: null, signal: 'SIGKILL' }, 'Ended by SIGKILL'],
  ])('%j', (exit, text) => {
    expect(endText({ status: 'ended', exit })).toBe(text);
  });

  it('is said once, of tabs that ran when they were last seen', () => {
    const ended = tab({ status: 'ended', exit: { code: 7, signal: null } });
    expect(newEnds([tab()], [ended])).toEqual(['npm test: Ended with code 7.']);
    expect(newEnds([ended], [ended])).toEqual([]);
    expect(newEnds([], [ended])).toEqual([]);
  });
});

describe('R-3: a login that no longer fits', () => {
  it('is said with both names', () => {
    expect(loginText(login('somebody-else', 'bob@acme.test'), 'Codex')).toBe(
      'Codex was ada@acme.test when it started. Its program now says bob@acme.test.',
    );
    expect(loginText(login('replaced', 'bob@acme.test'), 'Codex')).toContain('ada@acme.test');
    expect(loginText(login('replaced', 'bob@acme.test'), 'Codex')).toContain('bob@acme.test');
    expect(loginText(login('gone'), 'Codex')).toBe(
      'Codex: ada@acme.test was signed out. It still has that login.',
    );
  });

  it('is counted in one sentence', () => {
    const name = () => 'Codex';
    expect(oldLoginNote([program('a', 'replaced'), program('b', 'same')], [], name)).toBe(
      'One program still has an old login of Codex.',
    );
    expect(oldLoginNote([program('a', 'gone')], [{ id: 'x', pid: 9, name: 'node' }], name)).toBe(
      '2 programs still have an old login of Codex.',
    );
  });
});

describe('linksIn', () => {
  it('finds web addresses, the last first, each once, without what ends a sentence', () => {
    const lines = [
      'see https://a.test/x?y=1#z.',
      'and (http://127.0.0.1:8080/), https://a.test/x?y=1#z!',
      'file:///etc',
    ];
    expect(linksIn(lines, 10)).toEqual(['https://a.test/x?y=1#z', 'http://127.0.0.1:8080/']);
    expect(linksIn(lines, 1)).toEqual(['https://a.test/x?y=1#z']);
  });
});

describe('programName', () => {
  const found = (id: string, path: string) =>
    programName({
      id,
      program: { state: 'found', path, origin: 'found', versionAsked: 'done', updatable: false },
    });
  it('is what one would type', () => {
    expect(found('codex', '/usr/local/bin/codex')).toBe('codex');
    expect(found('gh', 'C:\\Program Files\\gh.EXE')).toBe('gh');
    expect(found('x', '/opt/a b')).toBeNull();
    expect(found('demo', '/opt/electron')).toBeNull();
    expect(programName({ id: 'codex', program: { state: 'searching' } })).toBeNull();
  });
});
