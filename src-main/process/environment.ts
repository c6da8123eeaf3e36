import { posix, win32 } from 'node:path';

export interface EnvironmentInput {
  /** Where inherited variables come from: the app's own environment. */
  parent: NodeJS.ProcessEnv;
  /** The PATH for the child, see `ProgramFinder.searchPath`. */
  searchPath: string;
  /** The provider's own variables; they win over inherited ones. */
  set: Record<string, string>;
  /** Variables that would override the login. */
  unset: string[];
  platform: NodeJS.Platform;
  /** First on the PATH: where the opener shims are. */
  openerDirectory?: string;
  browserProgram?: string;
}

const inherited = [
  // The person and their shell.
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TERM',
  'COLORTERM',
  'NO_COLOR',
  'TZ',
  'TMPDIR',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'BROWSER',
  'SSH_AUTH_SOCK',
  // Where the person keeps what programs write: a CLI that finds its own files elsewhere looks signed out.
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_CACHE_HOME',
  'XDG_STATE_HOME',
  // Display, session bus (the keychain's way on Linux), desktop.
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'XDG_SESSION_TYPE',
  'XDG_SESSION_ID',
  'XDG_CURRENT_DESKTOP',
  'XDG_DATA_DIRS',
  'XDG_CONFIG_DIRS',
  'DESKTOP_SESSION',
  'DBUS_SESSION_BUS_ADDRESS',
  'WSL_DISTRO_NAME',
  'WSL_INTEROP',
  '__CF_USER_TEXT_ENCODING',
  // Proxies, which programs read in either case.
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  // Without it Node's own requests go past them (24.5 or later).
  'NODE_USE_ENV_PROXY',
  // Certificate authorities, by the programs' own names for them.
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CODEX_CA_CERTIFICATE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
  'DENO_CERT',
  'DENO_TLS_CA_STORE',
  'AWS_CA_BUNDLE',
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
];

const inheritedOnWindows = [
  'SystemRoot',
  'SystemDrive',
  'windir',
  'ComSpec',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
  'ALLUSERSPROFILE',
  'PUBLIC',
  'USERPROFILE',
  'USERNAME',
  'USERDOMAIN',
  'COMPUTERNAME',
  'HOMEDRIVE',
  'HOMEPATH',
  'TEMP',
  'TMP',
  'OS',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
  'PSModulePath',
];

/** Variables that put other code into the child, or make our own program another one. Not even a definition sets them. */
const forbidden =
  /^(NODE_OPTIONS|NODE_REPL_EXTERNAL_MODULE|ELECTRON_RUN_AS_NODE|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|DYLD_.*)$/i;

/**
 * the whole environment of a child process: an allow-list of the parent's variables, then what the provider
 * sets, without what would override the login. HOME stays where it is unless `set` moves it.
 *
 * @returns `leftOut`: those of `unset` that were set, and not empty, in the parent, for the session to say so
 */
export function composeEnvironment(input: EnvironmentInput): {
  env: Record<string, string>;
  leftOut: string[];
} {
  const windows = input.platform === 'win32';
  /** Windows knows each variable once, however it is spelled. */
  const key = (name: string): string => (windows ? name.toUpperCase() : name);
  const variables = new Map<string, { name: string; value: string }>();
  const put = (name: string, value: string): void => {
    if (!forbidden.test(name))
      variables.set(key(name), { name: variables.get(key(name))?.name ?? name, value });
  };

  const allowed = new Set([...inherited, ...(windows ? inheritedOnWindows : [])].map(key));
  for (const [name, value] of Object.entries(input.parent)) {
    if (value === undefined) continue;
    const passes =
      allowed.has(key(name)) ||
      /^LC_/.test(key(name)) ||
      (windows && /^(COMMON)?PROGRAM(FILES|W6432)/.test(key(name)));
    if (passes) put(name, value);
  }
  if (!variables.get(key('TERM'))?.value) put('TERM', 'xterm-256color');
  put('PATH', input.searchPath);
  for (const [name, value] of Object.entries(input.set)) put(name, value);
  for (const name of input.unset) variables.delete(key(name));

  if (input.openerDirectory !== undefined) {
    const { delimiter } = windows ? win32 : posix;
    const path = variables.get(key('PATH'))?.value ?? '';
    put('PATH', path === '' ? input.openerDirectory : `${input.openerDirectory}${delimiter}${path}`);
  }
  if (input.browserProgram !== undefined) put('BROWSER', input.browserProgram);

  const parentNames = new Map(Object.entries(input.parent).map(([name, value]) => [key(name), value]));
  return {
    env: Object.fromEntries([...variables.values()].map(({ name, value }) => [name, value])),
    leftOut: input.unset.filter((name) => parentNames.get(key(name))),
  };
}
