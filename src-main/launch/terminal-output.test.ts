import { describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { Scrollback } from './scrollback.ts';
import { TerminalOutput } from './terminal-output.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function scene() {
  const clock = new ManualClock();
  const told: { from: number; text: string }[] = [];
  const flow: string[] = [];
  const output = new TerminalOutput({
    clock,
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
    emit: (from, bytes) => told.push({ from, text: textOf(bytes) }),
  });
  return { clock, told, flow, output, say: (text: string) => output.deliver(bytesOf(text)) };
}

const block = 'x'.repeat(64 * 1024);

describe('TerminalOutput', () => {
  it('nothing is told before a window watches, and then what was said is there', () => {
    const { output, told, say } = scene();
    say('before');
    expect(told).toEqual([]);
    const { bytes, end } = output.attach();
    expect(textOf(bytes)).toBe('before');
    expect(end).toBe(6);
    say('after');
    expect(told).toEqual([{ from: 6, text: 'after' }]);
  });

  it('the first is told at once, what follows within 8 ms together', () => {
    const { clock, output, told, say } = scene();
    output.attach();
    say('a');
    say('b');
    say('c');
    expect(told.map(({ text }) => text)).toEqual(['a']);
    clock.advance(8);
    expect(told).toEqual([
      { from: 0, text: 'a' },
      { from: 1, text: 'bc' },
    ]);
    clock.advance(8);
    say('d');
    expect(told.at(-1)).toEqual({ from: 3, text: 'd' });
  });

  it('the program waits for a window that is behind, and goes on when that has read', () => {
    const { output, flow, say } = scene();
    output.attach();
    for (let count = 0; count < 8; count += 1) say(block);
    expect(flow).toEqual([]);
    say(block);
    expect(flow).toEqual(['pause']);
    expect(output.read(64 * 1024)).toBe(true);
    expect(flow).toEqual(['pause']);
    expect(output.read(9 * 64 * 1024 - 128 * 1024)).toBe(true);
    expect(flow).toEqual(['pause', 'resume']);
  });

  it('a window that has gone does not hold the program up, and one that was only slow is told to attach again', () => {
    const { clock, output, flow, told, say } = scene();
    output.attach();
    for (let count = 0; count < 9; count += 1) say(block);
    clock.advance(5_000);
    expect(flow).toEqual(['pause', 'resume']);
    const before = told.length;
    say('missed');
    clock.advance(100);
    expect(told.length).toBe(before);
    expect(output.read(64 * 1024)).toBe(false);
    const { bytes, end } = output.attach();
    expect(textOf(bytes).endsWith('missed')).toBe(true);
    expect(end).toBe(9 * 64 * 1024 + 6);
    expect(output.read(end)).toBe(true);
  });

  it('a window that attaches again gets each byte once', () => {
    const { clock, output, told, say } = scene();
    output.attach();
    say('a');
    say('gathered');
    const { bytes, end } = output.attach();
    clock.advance(100);
    expect(textOf(bytes)).toBe('agathered');
    expect(told).toEqual([{ from: 0, text: 'a' }]);
    say('next');
    expect(told.at(-1)).toEqual({ from: end, text: 'next' });
  });
});

describe('Scrollback', () => {
  it('keeps the last of it, cut where a line or a sequence begins', () => {
    const kept = new Scrollback(100);
    for (let line = 0; line < 40; line += 1) kept.push(bytesOf(`\x1b[3${line % 8}mline ${line} é\r\n`));
    const text = textOf(kept.read());
    expect(text.length).toBeLessThanOrEqual(125);
    expect(text.endsWith('line 39 é\r\n')).toBe(true);
    expect(text).toMatch(/^[\x1b\n]/);
    expect(text).not.toContain('\ufffd');
  });

  it('a full-screen program is still on the other screen when its beginning is long gone', () => {
    const kept = new Scrollback(100);
    kept.push(bytesOf('\x1b[?1049h\x1b[?25l\x1b[?1h\x1b[?2004h\x1b[?2004l'));
    for (let line = 0; line < 40; line += 1) kept.push(bytesOf(`\x1b[1;1Hpainted ${line}`));
    expect(textOf(kept.read())).toMatch(/^\x1b\[\?1049h\x1b\[\?25l\x1b\[\?1h\x1b\[\?2004l\x1b\[1;1H/);
    kept.push(bytesOf('\x1bc'));
    for (let line = 0; line < 40; line += 1) kept.push(bytesOf(`line ${line}\r\n`));
    expect(textOf(kept.read())).not.toContain('\x1b');
  });

  it('what is handed out shares no memory with anything else', () => {
    const kept = new Scrollback(100);
    kept.push(Buffer.from('from the pool'));
    const read = kept.read();
    expect(read.buffer.byteLength).toBe(read.length);
  });
});
