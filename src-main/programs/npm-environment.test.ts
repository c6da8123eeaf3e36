import { expect, it } from 'vitest';
import { installFailures } from './install-failures.ts';
import { npmEnvironment } from './npm-environment.ts';
import { OutputLines } from './output-lines.ts';

it('X-6: npm gets the person’s npm settings and tokens, and nothing else of theirs', () => {
  const { set, secrets } = npmEnvironment({
    npm_config_registry: 'https://npm.acme.example/',
    NPM_CONFIG_CAFILE: '/etc/acme.pem',
    'npm_config_//npm.acme.example/:_authToken': 'token-1',
    npm_config__password: 'password-1',
    NPM_TOKEN: 'token-2',
    NODE_AUTH_TOKEN: 'token-3',
    GITHUB_TOKEN: 'token-4',
    NODE_OPTIONS: '--require /tmp/x.js',
    npm_config_empty: '',
  });
  expect(set).toMatchObject({
    npm_config_registry: 'https://npm.acme.example/',
    NPM_CONFIG_CAFILE: '/etc/acme.pem',
    NPM_TOKEN: 'token-2',
  });
  for (const name of ['GITHUB_TOKEN', 'NODE_OPTIONS', 'npm_config_empty'])
    expect(set).not.toHaveProperty(name);
  expect(secrets).toEqual(['token-1', 'password-1', 'token-2', 'token-3']);
});

it('X-5: a setting of npm that would load code into Node is left out, however it is spelled', () => {
  const { set } = npmEnvironment({
    npm_config_node_options: '--require /tmp/x.js',
    NPM_CONFIG_NODE_OPTIONS: '--require /tmp/x.js',
    'npm_config_node-options': '--require /tmp/x.js',
  });
  expect(JSON.stringify(set)).not.toContain('/tmp/x.js');
});

it.each([
  ['npm error code EACCES', 'not_writable'],
  ['npm ERR! code EPERM', 'not_writable'],
  ['npm error code ENOSPC', 'disk_full'],
  ['npm error code EBADENGINE', 'runtime_too_old'],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'registry_unreachable'],
  ['npm error code E503', 'registry_unreachable'],
  ['npm error code EBADPLATFORM', 'wrong_system'],
  ['npm error something else', 'install_failed'],
])('X-6: %s means %s', (line, code) => {
  const failure = installFailures.exited('Acme', 1, [
    'npm http fetch GET 200',
    line,
    'npm error syscall open',
    'npm error Its own words.',
    'npm error A complete log of this run can be found in: x',
  ]);
  expect(failure.code).toBe(code);
  expect(failure.detail).toMatch(/^npm ended with exit code 1\. (?:Its own words\.|something else)$/);
});

it('output is shown by line, without colours, redacted before it is cut, the last 200 lines of it', () => {
  const output = new OutputLines((text) => text.replaceAll('secret'.repeat(100), '[redacted]'));
  const add = (text: string) => output.add(Buffer.from(text), 'stdout');
  add('\x1b[31mred\x1b[0m\r\nhal');
  output.add(Buffer.from('other\n'), 'stderr');
  add('f\n');
  const bytes = Buffer.from('é\n');
  output.add(bytes.subarray(0, 1), 'stdout');
  output.add(bytes.subarray(1), 'stdout');
  add(`${'x'.repeat(300)}${'secret'.repeat(100)}\n`);
  add('end');
  expect(output.read().lines).toEqual(['red', 'other', 'half', 'é', `${'x'.repeat(300)}[redacted]`]);
  output.end();
  expect(output.read().lines.at(-1)).toBe('end');
  for (let n = 0; n < 300; n += 1) add(`line ${n}\n`);
  const { lines, dropped } = output.read();
  expect([lines.length, dropped, lines.at(-1)]).toEqual([200, 106, 'line 299']);
  add('y'.repeat(10_000));
  add('\n');
  expect(output.read().lines.at(-1)?.length).toBe(501);
});
