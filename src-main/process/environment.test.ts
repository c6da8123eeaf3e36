import { describe, expect, it } from 'vitest';
import { composeEnvironment, type EnvironmentInput } from './environment.ts';

const input: EnvironmentInput = { parent: {}, searchPath: '/usr/bin', set: {}, unset: [], platform: 'linux' };
const linux = (changes: Partial<EnvironmentInput>) => composeEnvironment({ ...input, ...changes });

describe('composeEnvironment', () => {
  it('X-5: passes the person’s variables and nothing that is not on the list', () => {
    const passes = {
      HOME: '/home/ada',
      USER: 'ada',
      LANG: 'de_DE.UTF-8',
      LC_TIME: 'C',
      TERM: 'xterm',
      TZ: 'UTC',
      DISPLAY: ':0',
      WAYLAND_DISPLAY: 'wayland-0',
      XDG_RUNTIME_DIR: '/run/user/1000',
      XDG_CONFIG_HOME: '/home/ada/.settings',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus',
      SSH_AUTH_SOCK: '/run/agent',
    };
    const parent = {
      ...passes,
      AWS_SECRET_ACCESS_KEY: 'x',
      LANYARD_HOME: '/x',
      npm_config_cache: '/x',
      SECRET: 'x',
    };
    expect(linux({ parent }).env).toEqual({ ...passes, PATH: '/usr/bin' });
  });

  it('X-5: proxy and CA variables pass in either case', () => {
    const parent = {
      HTTPS_PROXY: 'http://proxy:1',
      https_proxy: 'http://proxy:2',
      NO_PROXY: 'localhost',
      NODE_USE_ENV_PROXY: '1',
      all_proxy: 'socks5://proxy:3',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      SSL_CERT_FILE: '/ca.pem',
      CODEX_CA_CERTIFICATE: '/ca.pem',
      AWS_CA_BUNDLE: '/ca.pem',
      CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: '/ca.pem',
    };
    expect(linux({ parent }).env).toMatchObject(parent);
  });

  it('X-5: what would override the login is left out, also when the provider sets it, and named', () => {
    const { env, leftOut } = linux({
      parent: {
        HOME: '/home/ada',
        ANTHROPIC_API_KEY: 'sk',
        CLAUDE_CONFIG_DIR: '/old',
        EMPTY_TOKEN: '',
        TERM: 'x',
      },
      set: { CLAUDE_CONFIG_DIR: '/accounts/1', GH_TOKEN: 'set' },
      unset: ['ANTHROPIC_API_KEY', 'EMPTY_TOKEN', 'GH_TOKEN', 'NOT_THERE'],
    });
    expect(env).toEqual({ HOME: '/home/ada', TERM: 'x', CLAUDE_CONFIG_DIR: '/accounts/1', PATH: '/usr/bin' });
    expect(leftOut).toEqual(['ANTHROPIC_API_KEY']);
  });

  it.each([
    'NODE_OPTIONS',
    'ELECTRON_RUN_AS_NODE',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'DYLD_ANYTHING',
  ])('X-5: %s never passes, not even when a definition sets it', (name) => {
    expect(linux({ parent: { [name]: 'x' }, set: { [name]: 'x' } }).env).not.toHaveProperty(name);
  });

  it('X-5: HOME moves only when the definition says so', () => {
    expect(linux({ parent: { HOME: '/home/ada' } }).env.HOME).toBe('/home/ada');
    expect(linux({ parent: { HOME: '/home/ada' }, set: { HOME: '/accounts/1' } }).env.HOME).toBe(
      '/accounts/1',
    );
  });

  it('TERM has a value', () => {
    expect(linux({}).env.TERM).toBe('xterm-256color');
    expect(linux({ parent: { TERM: '' } }).env.TERM).toBe('xterm-256color');
  });

  it('X-8: the opener comes first on the PATH, whatever PATH the definition sets, and its BROWSER wins', () => {
    const shim = {
      openerDirectory: '/shim',
      browserProgram: '/shim/browser',
      parent: { BROWSER: 'firefox' },
    };
    expect(linux(shim).env).toMatchObject({ PATH: '/shim:/usr/bin', BROWSER: '/shim/browser' });
    const set = { PATH: '/own', BROWSER: 'other' };
    expect(linux({ ...shim, set }).env).toMatchObject({ PATH: '/shim:/own', BROWSER: '/shim/browser' });
    expect(linux({ ...shim, searchPath: '' }).env.PATH).toBe('/shim');
  });

  it('X-5: Windows variables are matched however they are spelled, and there is one PATH', () => {
    const { env, leftOut } = composeEnvironment({
      ...input,
      platform: 'win32',
      searchPath: 'C:\\bin',
      openerDirectory: 'C:\\shim',
      parent: {
        Path: 'C:\\old',
        SYSTEMROOT: 'C:\\Windows',
        comspec: 'cmd.exe',
        'ProgramFiles(x86)': 'C:\\x86',
        Https_Proxy: 'http://proxy',
        Secret: 'x',
        Openai_Api_Key: 'sk',
        node_options: '--require x',
      },
      set: { path: 'C:\\mine', Gh_Config_Dir: 'C:\\gh' },
      unset: ['OPENAI_API_KEY', 'GH_CONFIG_DIR'],
    });
    expect(env).toEqual({
      SYSTEMROOT: 'C:\\Windows',
      comspec: 'cmd.exe',
      'ProgramFiles(x86)': 'C:\\x86',
      Https_Proxy: 'http://proxy',
      TERM: 'xterm-256color',
      PATH: 'C:\\shim;C:\\mine',
    });
    expect(leftOut).toEqual(['OPENAI_API_KEY']);
  });
});
