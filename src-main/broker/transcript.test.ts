import { expect, it } from 'vitest';
import { Transcript } from './transcript.ts';

it('S-13: keeps 2,000 lines, the first 500 and the newest, and says how many are missing', () => {
  const transcript = new Transcript((line) => line);
  for (let line = 0; line < 100_000; line += 1) transcript.add(`line ${line}`);
  const { lines, head, dropped } = transcript.read();
  expect(head).toBe(500);
  expect(transcript.count).toBe(100_000);
  expect(lines).toHaveLength(2_000);
  expect(lines[499]).toBe('line 499');
  expect(lines[500]).toBe('line 98500');
  expect(lines.at(-1)).toBe('line 99999');
  expect(dropped).toBe(98_000);
});

it('S-13: keeps at most 1 MiB, and cuts a single endless line', () => {
  const transcript = new Transcript((line) => line);
  transcript.add('x'.repeat(10_000_000));
  for (let line = 0; line < 1_000; line += 1) transcript.add(`${line}`.padEnd(8_000, '.'));
  const { lines } = transcript.read();
  expect(lines.join('').length).toBeLessThanOrEqual(1024 * 1024);
  expect(lines.at(-1)).toMatch(/^999\./);
  expect(lines[0]?.length).toBeLessThan(10_000);
});

const withoutSecret = (line: string) => line.replaceAll('first-half-second-half', '[redacted]');

it('S-13: a secret that became known after it was printed is not in it when it is read', () => {
  const known: string[] = [];
  const transcript = new Transcript((line) =>
    known.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line),
  );
  transcript.add('Code: hunter2');
  known.push('hunter2');
  expect(transcript.read().lines).toEqual(['Code: [redacted]']);
});

it('S-13: a secret across the place where an endless line is cut does not show its first half', () => {
  const transcript = new Transcript(withoutSecret);
  transcript.add(`${' x'.repeat(4_091)} first-half-second-half and on and on${'.'.repeat(9_000)}`);
  const [line] = transcript.read().lines;
  expect(line).not.toContain('first-');
  expect(line).toContain(' x x');
  expect(line).toMatch(/…$/);
});
