import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpenerShim } from './opener-shim.ts';

const run = promisify(execFile);
let root: string;
let shim: OpenerShim;
let opened: string[];
let heard: () => void;

async function create(name = 'opener'): Promise<OpenerShim> {
  const made = await OpenerShim.create(join(root, name), 'linux');
  made.onOpen((url) => {
    opened.push(url);
    heard();
  });
  return made;
}

/** Resolves when so many links have been opened. */
function untilOpened(count: number): Promise<void> {
  return new Promise((resolve) => {
    heard = () => {
      if (opened.length >= count) resolve();
    };
    heard();
  });
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-opener-'));
  opened = [];
  heard = () => {};
  shim = await create();
});
afterEach(async () => {
  await shim.dispose();
  rmSync(root, { recursive: true, force: true });
});

const link = 'https://claude.ai/oauth/authorize?code=true&client_id=1&state=a%20b#end';

describe('OpenerShim', () => {
  it.each(['xdg-open', 'open', 'sensible-browser', 'x-www-browser', 'www-browser', 'wslview'])(
    'X-8: %s on the PATH hands the link over, prints nothing and succeeds',
    async (name) => {
      const { stdout, stderr } = await run(name, [link], {
        env: { PATH: `${shim.directory}:/usr/bin:/bin` },
      });
      expect([stdout, stderr]).toEqual(['', '']);
      await untilOpened(1);
      expect(opened).toEqual([link]);
    },
  );

  it('X-8: BROWSER is a program that takes the link as its argument', async () => {
    await run('/bin/sh', ['-c', '"$BROWSER" "$0"', link], {
      env: { BROWSER: shim.browserProgram, PATH: '' },
    });
    await untilOpened(1);
    expect(opened).toEqual([link]);
  });

  it('X-8: nothing in a link is taken for shell code', async () => {
    const hostile = [
      `https://a.test/?q=$(touch\${IFS}${root}/bad)`,
      `https://a.test/?q=\`touch\${IFS}${root}/bad\``,
      `https://a.test/';touch\${IFS}${root}/bad;'`,
      'https://a.test/%s%n%d\\n\\0',
      'https://a.test/*?[a-z]',
    ];
    await run(join(shim.directory, 'xdg-open'), hostile);
    await untilOpened(hostile.length);
    expect(opened).toEqual(hostile);
    expect(existsSync(join(root, 'bad'))).toBe(false);
  });

  it('X-8: options, files and text with line breaks are not links', async () => {
    await run(join(shim.directory, 'open'), ['-a', 'Safari', '/etc/passwd', '', `x\n${link}`, '://x', link]);
    await untilOpened(1);
    await shim.flush();
    expect(opened).toEqual([link]);
  });

  it('X-8: links of several programs at once all arrive whole', async () => {
    const links = Array.from({ length: 20 }, (_, index) => `https://a.test/${index}?${'x'.repeat(3000)}`);
    await Promise.all(links.map((each) => run(shim.browserProgram, [each])));
    await untilOpened(links.length);
    expect(opened.sort()).toEqual(links.sort());
  });

  it('X-8: a link that is written in pieces is told once, when it is whole', async () => {
    const record = join(shim.directory, 'opened');
    appendFileSync(record, link.slice(0, 20));
    await shim.flush();
    expect(opened).toEqual([]);
    appendFileSync(record, `${link.slice(20)}\nhttps://b.test/\nhttps://c.`);
    await shim.flush();
    expect(opened).toEqual([link, 'https://b.test/']);
  });

  it('X-8: flush tells what the watcher has not noticed yet', async () => {
    await run(shim.browserProgram, [link]);
    await shim.flush();
    expect(opened).toEqual([link]);
  });

  it('X-8: junk is neither told nor kept, and more than a login writes is not read', async () => {
    const record = join(shim.directory, 'opened');
    await run(shim.browserProgram, [`https://a.test/${'x'.repeat(9000)}`]);
    appendFileSync(record, `https://a.test/${'x'.repeat(100_000)}\n`);
    appendFileSync(record, `no link\nhttps://a.test/with blank\nhttps://a.test/\x1b[31m\n${link}\n`);
    await shim.flush();
    expect(opened).toEqual([link]);
    for (let count = 0; count < 300; count++) appendFileSync(record, `https://a.test/${'y'.repeat(1000)}\n`);
    await shim.flush();
    expect(opened.length).toBeLessThan(260);
    const before = opened.length;
    await run(shim.browserProgram, [link]);
    await shim.flush();
    expect(opened.length).toBe(before);
  });

  it('is for us alone, and gone afterwards', async () => {
    expect(statSync(shim.directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(shim.directory)) {
      expect(statSync(join(shim.directory, name)).mode & 0o077).toBe(0);
    }
    await shim.dispose();
    await shim.dispose();
    expect(existsSync(shim.directory)).toBe(false);
  });

  it('does not take over a directory that exists', async () => {
    await expect(OpenerShim.create(shim.directory, 'linux')).rejects.toMatchObject({ code: 'EEXIST' });
    expect(existsSync(shim.browserProgram)).toBe(true);
  });

  it('X-8: in a folder with a blank or a quote, BROWSER is a name found on the PATH', async () => {
    const odd = await create("it's odd");
    try {
      expect(odd.browserProgram).toBe('browser');
      await run(odd.browserProgram, [link], { env: { PATH: odd.directory } });
      await untilOpened(1);
      expect(opened).toEqual([link]);
    } finally {
      await odd.dispose();
    }
  });

  it('cannot stand in a folder that a PATH cannot hold', async () => {
    await expect(OpenerShim.create(join(root, 'a:b'), 'linux')).rejects.toThrow('PATH');
  });
});
