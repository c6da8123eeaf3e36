import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadFrame, FrameReader, frameOf } from './frames.ts';

describe('frames', () => {
  it('R-4: arrive whole, however they were cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 30 }),
        (values, cuts) => {
          const bytes = Buffer.concat(values.map(frameOf));
          const reader = new FrameReader(1_000_000);
          const found: unknown[] = [];
          let at = 0;
          for (const cut of cuts) {
            found.push(...reader.push(bytes.subarray(at, at + cut)));
            at += cut;
          }
          found.push(...reader.push(bytes.subarray(at)));
          expect(JSON.stringify(found)).toBe(JSON.stringify(values));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('R-8: one that is too long is refused by its head, before any of it is kept', () => {
    const head = frameOf('x'.repeat(100)).subarray(0, 4);
    expect(() => new FrameReader(99).push(head)).toThrow(BadFrame);
    // As a web page would begin.
    expect(() => new FrameReader(4_194_304).push(Buffer.from('GET / HTTP/1.1\r\n'))).toThrow(BadFrame);
  });

  it('R-8: what is no JSON is refused, and not repeated', () => {
    const frame = Buffer.concat([Buffer.from([0, 0, 0, 6]), Buffer.from('secret')]);
    expect(() => new FrameReader(99).push(frame)).toThrow(expect.not.stringContaining('secret'));
    expect(() => new FrameReader(99).push(frame)).toThrow(BadFrame);
  });
});
