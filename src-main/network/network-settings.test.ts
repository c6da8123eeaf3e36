import { expect, it } from 'vitest';
import type { ProxyForm } from '../../src-preload/contract/network.ts';
import { LanyardError } from '../failures.ts';
import { chromiumBypass, isBypassed, readProxyForm, readSettings, settingsFile } from './network-settings.ts';

const form = (changes: Partial<ProxyForm>): ProxyForm => ({
  mode: 'manual',
  address: 'proxy.example.com:8080',
  user: '',
  password: '',
  bypass: '',
  ...changes,
});

it.each([
  ['proxy.example.com:8080', 'http://proxy.example.com:8080'],
  ['http://Proxy.Example.com/', 'http://proxy.example.com:80'],
  ['https://proxy.example.com', 'https://proxy.example.com:443'],
  ['[::1]:3128', 'http://[::1]:3128'],
])('T-6: the proxy %j is kept as %j, and read back from the file', (address, kept) => {
  const read = readProxyForm(form({ address, user: 'ada', bypass: '*.Example.com, wiki  10.0.0.1:81' }));
  expect(read).toEqual({
    mode: 'manual',
    address: kept,
    user: 'ada',
    bypass: ['.example.com', 'wiki', '10.0.0.1:81'],
  });
  expect(readSettings(JSON.parse(JSON.stringify(settingsFile(read))))).toEqual(read);
});

it.each<[keyof ProxyForm, string]>([
  ['address', ''],
  ['address', 'socks5://proxy:1080'],
  ['address', 'http://ada:secret@proxy:8080'],
  ['address', 'http://proxy:8080/path'],
  ['address', 'file:///etc/passwd'],
  ['user', 'ada:secret'],
  ['user', 'ada\r\nx'],
  ['bypass', 'http://wiki.example.com'],
  ['bypass', '10.0.0.0/8'],
  ['bypass', 'wiki:99999'],
  ['bypass', 'a;b --proxy-server=x'],
])('T-6: %s %j is refused and named', (field, value) => {
  try {
    readProxyForm(form({ [field]: value }));
  } catch (error) {
    if (!(error instanceof LanyardError)) throw error;
    expect(error.failure.code).toBe('bad_proxy');
    expect(Object.keys(error.failure.fields ?? {})).toEqual([field]);
    return;
  }
  expect.unreachable();
});

it.each([
  null,
  [],
  'x',
  { version: 2 },
  { version: 1, proxy: { mode: 'manual', address: 'javascript:x', user: '', bypass: [] } },
])('T-6: a file with %j is the way of the system', (value) =>
  expect(readSettings(value)).toEqual({ mode: 'system' }),
);

it.each<[string, boolean]>([
  ['https://wiki.example.com/', true],
  ['https://example.com/', true],
  ['https://notexample.com/', false],
  ['http://intranet/', true],
  ['https://other.intranet/', false],
  ['http://10.0.0.1:81/', true],
  ['http://10.0.0.1/', false],
  ['http://127.0.0.1:4711/', true],
  ['http://[::1]:4711/', true],
  ['http://localhost/', true],
])('T-6: %s goes past the proxy: %s', (url, expected) => {
  expect(isBypassed(new URL(url), ['.example.com', 'intranet', '10.0.0.1:81'])).toBe(expected);
});

it('T-6: Chromium is told the same list', () => {
  expect(chromiumBypass(['.example.com', 'intranet'])).toBe(
    'localhost;127.0.0.1;[::1];example.com;*.example.com;intranet',
  );
});
