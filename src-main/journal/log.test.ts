import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { Log, type LogFields, type LogOptions } from './log.ts';

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'lanyard-log-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function openLog(options: Partial<LogOptions> = {}) {
  const directory = join(temporaryDirectory(), 'logs');
  const log = new Log({
    directory,
    clock: new ManualClock(Date.UTC(2026, 0, 2)),
    redact: (text) => text.replaceAll('sk-1234', '[redacted]'),
    ...options,
  });
  onTestFinished(() => log.close());
  const lines = (name = 'lanyard.log') =>
    readFileSync(join(directory, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  return { log, directory, lines };
}

describe('Log', () => {
  it('writes one JSON object per line, private to the person', () => {
    const { log, directory, lines } = openLog();
    log.info('session.started', { provider: 'codex', attempt: 1, listed: true });
    log.error('session.failed', { text: 'two\nlines' });
    expect(lines()).toEqual([
      {
        at: '2026-01-02T00:00:00.000Z',
        level: 'info',
        event: 'session.started',
        provider: 'codex',
        attempt: 1,
        listed: true,
      },
      { at: '2026-01-02T00:00:00.000Z', level: 'error', event: 'session.failed', text: 'two\nlines' },
    ]);
    if (process.platform !== 'win32') {
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(statSync(join(directory, 'lanyard.log')).mode & 0o777).toBe(0o600);
    }
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = openLog({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    expect(lines()).toEqual([expect.objectContaining({ event: 'c' })]);
  });

  it('redacts fields before cutting them, and a field cannot pose as the event', () => {
    const { log, lines } = openLog();
    log.info('x', { text: `${'y'.repeat(997)}sk-1234`, event: 'forged', at: 'never' });
    const [line] = lines() as LogFields[];
    expect(line?.event).toBe('x');
    expect(line?.at).toBe('2026-01-02T00:00:00.000Z');
    expect(line?.text).toBe(`${'y'.repeat(997)}[re…`);
  });

  it('does not write values that came in past the types, or whose redaction failed', () => {
    const { log, lines } = openLog({
      redact: () => {
        throw new Error('broken');
      },
    });
    log.info('x', { object: { key: 'sk-1234' }, secret: new Secret('sk-1234'), text: 'sk-1234' } as never);
    expect(lines()).toEqual([
      expect.objectContaining({ object: '[not logged]', secret: '[not logged]', text: '[not logged]' }),
    ]);
  });

  it('is rotated at its size, keeping one old file', () => {
    const { log, directory, lines } = openLog({ maxBytes: 200 });
    for (let index = 0; index < 5; index += 1) log.info('tick', { index, filler: 'x'.repeat(60) });
    expect(readdirSync(directory).sort()).toEqual(['lanyard.log', 'lanyard.old.log']);
    expect(lines()).toEqual([expect.objectContaining({ index: 4 })]);
    expect(lines('lanyard.old.log')).toEqual([expect.objectContaining({ index: 3 })]);
  });

  it('goes on in the file of the last run and counts its size', () => {
    const { log, directory, lines } = openLog({ maxBytes: 200 });
    mkdirSync(directory);
    writeFileSync(join(directory, 'lanyard.log'), `${JSON.stringify({ old: 'x'.repeat(150) })}\n`);
    log.info('next', { filler: 'y' });
    expect(lines('lanyard.old.log')).toEqual([{ old: 'x'.repeat(150) }]);
    expect(lines()).toEqual([expect.objectContaining({ event: 'next' })]);
  });

  it('never throws, also when nothing can be written', () => {
    const directory = join(temporaryDirectory(), 'logs');
    writeFileSync(directory, 'a file in the way');
    const { log } = openLog({ directory });
    expect(() => {
      log.info('x');
      log.error('y', { n: Number.NaN });
    }).not.toThrow();
    expect(readFileSync(directory, 'utf8')).toBe('a file in the way');
  });
});
