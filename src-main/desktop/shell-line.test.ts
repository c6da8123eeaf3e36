import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellLine } from './shell-line.ts';

const hostile = [
  'plain',
  '',
  'a b',
  "it's",
  `"double" 'single' \\ \\\\ \\' end\\`,
  '$HOME $(id) `id`',
  '; rm -rf x && y || z & | > /dev/null < in',
  '*.ts ?.ts [a-z] {a,b} ~ !! ^a^b #comment',
  '--x=y',
  '(id) {id} %d =id',
  'größe €',
];

const there = (shell: string) => spawnSync(shell, ['-c', 'true']).error === undefined;

describe.each(['sh', 'bash', 'zsh', 'fish'])('%s', (shell) => {
  it.skipIf(!there(shell))(
    `R-9: reads the words as they are${there(shell) ? '' : ` (there is no ${shell})`}`,
    () => {
      const line = shellLine([
        process.execPath,
        '-p',
        'JSON.stringify(process.argv.slice(1))',
        '--',
        ...hostile,
      ]);
      const { stdout, stderr } = spawnSync(shell, ['-c', line], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual(hostile);
    },
  );

  it.skipIf(!there(shell))(`R-9: runs no builtin${there(shell) ? '' : ` (there is no ${shell})`}`, () => {
    const { stdout, status } = spawnSync(shell, ['-c', shellLine(['eval', 'echo ran'])], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(127);
  });
});
