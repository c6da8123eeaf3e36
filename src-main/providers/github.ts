import { denied, expired, loginFailed, unreachable } from './common-failures.ts';
import type {
  FlowDefinition,
  ParameterDefinition,
  PatternDefinition,
  ProviderDefinition,
} from './definition.ts';

const failures: PatternDefinition['failures'] = [
  {
    pattern: 'unknown flag: --insecure-storage',
    code: 'program_too_old',
    title: 'This version of gh is older than this sign-in.',
    hint: 'Update gh to 2.26 or later, or choose "Device code (gh before 2.26)".',
  },
  denied('access_denied'),
  expired('expired_token|device code.* expired'),
  unreachable('The GitHub CLI', 'GitHub'),
  loginFailed('The GitHub CLI', 'failed to authenticate|^error|invalid hostname'),
];

/**
 * On a pipe: there gh asks nothing and prints its link. In a terminal it asks about git first and never prints the link
 * (2.23.0).
 */
const common = {
  kind: 'device-code',
  transport: 'pipe',
  paste: { kind: 'none' },
  patterns: {
    link: 'Open this URL',
    codeAnchor: 'one-time code',
    success: 'Logged in as',
    failures,
  },
  answers: [],
  opens: 'printed',
  renews: false,
  // GitHub's, in its answer to the device request; the program does not print it.
  codeLifetimeSeconds: 900,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

const host: ParameterDefinition = {
  id: 'host',
  label: 'GitHub host',
  hint: 'Of GitHub Enterprise, without https://.',
  example: 'github.acme.example',
  accepts: '.+',
  required: true,
  kind: 'host',
};

const anyHost = '{param:host|github.com}';
const login = (hostname: string) => [
  'auth',
  'login',
  '--web',
  `--hostname=${hostname}`,
  '--git-protocol=https',
];
const publicGithub = { verificationUrl: 'https://github.com/login/device' };
const enterprise = { verificationUrl: 'https://{param:host}/login/device', parameters: [host] };
// Without it the token goes to the keychain under the host's name alone, where the next sign-in replaces it.
const inItsFile = '--insecure-storage';

export const github: ProviderDefinition = {
  id: 'github',
  name: 'GitHub CLI',
  vendor: 'GitHub',
  mark: 'Gh',
  aliases: ['gh', 'github-cli'],
  program: {
    names: ['gh'],
    args: [],
    installCommand: null,
    installCommandOn: {
      linux: 'sudo apt install gh',
      macos: 'brew install gh',
      windows: 'winget install --id GitHub.cli',
    },
    version: { args: ['--version'] },
  },
  configDir: { variable: 'GH_CONFIG_DIR', usual: '.config/gh', seed: [] },
  environment: {
    set: {},
    unset: ['GH_TOKEN', 'GITHUB_TOKEN', 'GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN', 'GH_HOST'],
  },
  allowedHosts: ['github.com', '{param:host}'],
  flows: [
    {
      ...common,
      ...publicGithub,
      answers: [],
      id: 'device',
      label: 'Device code',
      args: [...login('github.com'), inItsFile],
      verified: 'unverified',
      needs: '>=2.26.0',
    },
    {
      ...common,
      ...publicGithub,
      answers: [],
      id: 'device-before-2.26',
      label: 'Device code (gh before 2.26)',
      args: login('github.com'),
      needs: '<2.26.0',
    },
    {
      ...common,
      ...enterprise,
      answers: [],
      id: 'device-host',
      label: 'Device code at GitHub Enterprise',
      args: [...login('{param:host}'), inItsFile],
      verified: 'unverified',
      needs: '>=2.26.0',
    },
    {
      ...common,
      ...enterprise,
      answers: [],
      id: 'device-host-before-2.26',
      label: 'Device code at GitHub Enterprise (gh before 2.26)',
      args: login('{param:host}'),
      needs: '<2.26.0',
    },
  ],
  // `gh auth status` says as much and names nobody in a form that is made to be read.
  proof: { kind: 'status-command', args: ['api', 'user', `--hostname=${anyHost}`] },
  identity: { from: { kind: 'status-json' }, email: 'email', login: 'login', accountId: 'login' },
  // `gh auth status` says the same to a token that is refused and to a network that is away.
  health: { ask: 'proof', signedOut: 'HTTP 401|gh auth login' },
  logout: { args: ['auth', 'logout', `--hostname=${anyHost}`] },
  apiKey: {
    kind: 'pat',
    // Goes before what gh finds in its own files.
    variable: 'GH_TOKEN',
    accepts: '(?:gh[opsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})',
    example: 'github_pat_ or ghp_ and a long run of letters and digits',
    check: {
      url: 'https://api.github.com/user',
      headers: { authorization: 'Bearer {key}', accept: 'application/vnd.github+json' },
    },
  },
  isolation: {
    linux: {
      kept: 'file',
      where: "hosts.yml in the account's directory",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'tried',
    },
    macos: {
      kept: 'file',
      where:
        "hosts.yml in the account's directory; a sign-in without --insecure-storage goes to the keychain",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'documented',
    },
    windows: {
      kept: 'file',
      where:
        "hosts.yml in the account's directory; a sign-in without --insecure-storage goes to the keychain",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'documented',
    },
  },
  selfTest: {
    files: [
      {
        path: 'hosts.yml',
        text: 'github.com:\n    user: {name}\n    oauth_token: gho_lanyardselftest{name}\n    git_protocol: https\n    users:\n        {name}:\n            oauth_token: gho_lanyardselftest{name}\n',
      },
      // Without it versions from 2.40 on ask GitHub whose the token is.
      { path: 'config.yml', text: 'version: "1"\n' },
    ],
    args: ['auth', 'token', '--hostname', 'github.com'],
    says: 'gho_lanyardselftest{name}',
  },
  verified: '2.23.0',
};
