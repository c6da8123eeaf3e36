import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentText } from './environment-text.ts';

const nasty = `it's "$HOME" \`id\` \\ 100% !x`;

describe('variables to paste', () => {
  it.skipIf(!existsSync('/bin/sh'))(
    'C-16: a shell takes them as they are, and what would go before them out',
    () => {
      const text = environmentText({ TOKEN: nasty, AWS_PROFILE: null, EMPTY: '' }, 'posix');
      const script = `${text}printf '%s|%s|%s' "$TOKEN" "\${AWS_PROFILE-gone}" "\${EMPTY-gone}"`;
      const out = execFileSync('/bin/sh', ['-c', script], {
        env: { AWS_PROFILE: 'operator' },
        encoding: 'utf8',
      });
      expect(out).toBe(`${nasty}|gone|`);
    },
  );

  it('C-16: in the words of other shells', () => {
    const variables = { A: `x'y\u2019`, B: null };
    expect(environmentText(variables, 'fish')).toBe(`set -gx A 'x\\'y\u2019'\nset -e B\n`);
    expect(environmentText(variables, 'powershell')).toBe(
      `$Env:A = 'x''y\u2019\u2019'\nRemove-Item Env:B -ErrorAction SilentlyContinue\n`,
    );
    expect(environmentText({ A: 'x', B: null }, 'dotenv')).toBe(`A='x'\n`);
  });
});
