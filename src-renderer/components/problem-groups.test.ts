import { describe, expect, it } from 'vitest';
import { bySource, problemSummary } from './problem-groups.ts';

const inFile = (name: string, line: number) => ({
  source: `providers/${name}.json`,
  line,
  reason: `wrong ${line}`,
});
const row = { source: 'accounts/acc-1', reason: 'It was left alone.' };

describe('I-13: what could not be read', () => {
  it('is listed file by file, with all that is wrong in it', () => {
    expect(bySource([inFile('a', 7), row, inFile('b', 1), inFile('a', 2)])).toEqual([
      { source: 'providers/a.json', problems: [inFile('a', 2), inFile('a', 7)] },
      { source: row.source, problems: [row] },
      { source: 'providers/b.json', problems: [inFile('b', 1)] },
    ]);
  });

  it.each([
    [[1, 2, 3].map((line) => inFile('a', line)), '1 file could not be read whole.'],
    [[inFile('a', 1), inFile('b', 1)], '2 files could not be read whole.'],
    [[inFile('a', 1), row, row], '1 file and 2 entries could not be read whole.'],
    [[row], 'One entry could not be read and was set aside.'],
    [[row, row], '2 entries could not be read and were set aside.'],
  ])('%j counts a file once', (problems, words) => {
    expect(problemSummary(problems)).toBe(`${words} Everything else works.`);
  });
});
