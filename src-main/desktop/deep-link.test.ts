import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { type LinkRequest, linkAmong, linkScheme, readLink } from './deep-link.ts';

it.each<[string, LinkRequest]>([
  ['lanyard://connect?provider=codex', { kind: 'connect', provider: 'codex', as: null }],
  ['lanyard://connect/?provider=codex&as=Client%20A', { kind: 'connect', provider: 'codex', as: 'Client A' }],
  ['LANYARD://Connect?provider=codex&as=Client+A', { kind: 'connect', provider: 'codex', as: 'Client A' }],
  ['lanyard://run?as=Work&command=codex', { kind: 'run', as: 'Work', command: ['codex'] }],
  [
    `lanyard://run?as=B%C3%BCro&command=${encodeURIComponent(`git commit -m 'a "b" & c=d'`)}`,
    { kind: 'run', as: 'Büro', command: ['git', 'commit', '-m', 'a "b" & c=d'] },
  ],
  // No shell reads it, so this is a program with odd arguments, and shown as such.
  [
    'lanyard://run?as=Work&command=echo%20%24(id)%3B%20rm%20-rf%20~',
    { kind: 'run', as: 'Work', command: ['echo', '$(id);', 'rm', '-rf', '~'] },
  ],
])('R-9: %s is read', (link, request) => {
  expect(readLink(link)).toEqual(request);
});

const run = (command: string) => `lanyard://run?as=Work&command=${encodeURIComponent(command)}`;

it.each<[string, string]>([
  ['another scheme', 'https://connect?provider=codex'],
  ['no host', 'lanyard:connect?provider=codex'],
  ['no host, three slashes', 'lanyard:///connect?provider=codex'],
  ['an unknown host', 'lanyard://delete?as=Work'],
  ['a host of the web', 'lanyard://connect.example.com?provider=codex'],
  ['a user before the host', 'lanyard://run@connect?provider=codex'],
  ['a port', 'lanyard://connect:80?provider=codex'],
  ['a path', 'lanyard://connect/codex?provider=codex'],
  ['a path that climbs', 'lanyard://connect/../run?as=Work&command=id'],
  ['an encoded path that climbs', 'lanyard://connect/%2e%2e/run?as=Work&command=id'],
  ['backslashes', 'lanyard:\\\\connect?provider=codex'],
  ['a fragment', 'lanyard://connect?provider=codex#&as=Work'],
  ['no provider', 'lanyard://connect'],
  ['an empty provider', 'lanyard://connect?provider='],
  ['a provider of blanks', 'lanyard://connect?provider=%20'],
  ['a very long provider', `lanyard://connect?provider=${'a'.repeat(81)}`],
  ['something unknown', 'lanyard://connect?provider=codex&confirm=no'],
  ['something unknown that every object has', 'lanyard://connect?provider=codex&__proto__=x'],
  ['a provider said twice', 'lanyard://connect?provider=codex&provider=demo'],
  ['a command said twice', 'lanyard://run?as=Work&command=ls&command=id'],
  ['a name said twice in two spellings', 'lanyard://run?as=Work&%61s=Other&command=id'],
  ['no identity to run as', 'lanyard://run?command=id'],
  ['an empty identity', 'lanyard://run?as=&command=id'],
  ['no command', 'lanyard://run?as=Work'],
  ['a command of blanks', run('   ')],
  ['a command of an empty word', run("'' id")],
  ['a command that is an option', run('--help')],
  ['a command that begins with a variable', run('PATH=/tmp ls')],
  ['a quote that is not closed', run('sh -c "id')],
  ['nested quotes that do not close', run(`sh -c 'echo "it's"'`)],
  ['a line break in the command', run('ls\nrm -rf ~')],
  ['a carriage return that hides the beginning', run('rm -rf ~\rls')],
  ['an escape sequence', run('ls \u001b[8m; id')],
  ['a null character', 'lanyard://run?as=Work&command=ls%00'],
  ['a raw tab', 'lanyard://run?as=Work&command=ls\tid'],
  ['a C1 control', run('ls \u009b8m')],
  ['a mark that turns the reading direction', run('ls \u202egnp.exe')],
  ['an isolate', run('ls \u2066x')],
  ['a character without width', run('l\u200bs')],
  ['a soft hyphen', run('l\u00ads')],
  ['a filler that looks like a blank', run('ls\u3164')],
  ['a tag character', run('ls \u{e0041}')],
  ['a private one', run('ls \ue000')],
  ['a line separator', run('ls\u2028id')],
  ['half a surrogate pair', 'lanyard://run?as=Work&command=\ud800'],
  ['bytes that are not UTF-8', 'lanyard://run?as=Work&command=%ff%fe'],
  ['a percent sign by itself', 'lanyard://run?as=Work&command=100%'],
  ['a very long command', run('a'.repeat(1001))],
  ['a very long link', `lanyard://connect?provider=codex&as=${'%41'.repeat(1000)}`],
])('R-9: a link with %s is refused with a reason and without being repeated', (_, link) => {
  let failure = null;
  try {
    readLink(link);
  } catch (error) {
    if (!(error instanceof LanyardError)) throw error;
    failure = error.failure;
  }
  expect(failure).toMatchObject({ code: 'bad_link', hint: expect.stringContaining('Nothing was changed') });
  expect(failure?.title).toMatch(/^This link cannot be used\. .{10,}$/);
  expect(JSON.stringify(failure)).not.toContain(link.slice(-12));
});

it('R-9: the link is found among the arguments of a start, wherever Chromium put its own', () => {
  const link = 'lanyard://connect?provider=codex';
  expect(linkAmong(['/opt/lanyard', '--no-sandbox', link, '--allow-file-access'])).toBe(link);
  expect(linkAmong(['/opt/lanyard', 'LANYARD:x'])).toBe('LANYARD:x');
  expect(linkAmong(['/home/lanyard:/app', '--lanyard-reload'])).toBeNull();
});

it('R-9: the package announces the scheme to the system', () => {
  const built = readFileSync(join(import.meta.dirname, '..', '..', 'electron-builder.yml'), 'utf8');
  expect(built).toMatch(new RegExp(`^protocols:\\n(?: .*\\n)*? +schemes: \\[${linkScheme}\\]$`, 'm'));
});
