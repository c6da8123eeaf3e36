import type {
  CredentialPlace,
  FlowDefinition,
  ParameterDefinition,
  PatternDefinition,
  ProviderDefinition,
} from './definition.ts';

const success = 'Signed in successfully as';

const failures: PatternDefinition['failures'] = [
  {
    pattern: 'token was not saved',
    code: 'could_not_save',
    title: 'Copilot signed in but could not keep the sign-in.',
    hint: 'Install or unlock a system keychain, then try again.',
  },
  {
    pattern: 'expired',
    code: 'device_code_expired',
    title: 'The code expired before it was entered.',
    hint: 'Try again; the new code lives for fifteen minutes.',
  },
  {
    pattern: 'fetch failed|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|error sending request',
    code: 'provider_unreachable',
    title: 'Copilot could not reach GitHub.',
    hint: 'Check the network and proxy settings, then try again.',
  },
  {
    pattern: '[Ll]ogin failed|[Aa]uthentication failed',
    code: 'login_failed',
    title: 'Copilot could not finish the sign-in.',
    hint: 'Try again; what it said stands in the output.',
  },
];

/** Through pipes 1.0.102 signs in and then exits 1 where there is no keychain, because it cannot ask its question. */
const common = {
  transport: 'pty',
  answers: [{ question: 'Store token in plaintext config file\\?', reply: 'y' }],
  opens: 'printed',
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

/** GitHub Enterprise Cloud with data residency; the program takes the address with its scheme. */
const host: ParameterDefinition = {
  id: 'host',
  label: 'GitHub address',
  hint: 'Of your company, where you sign in to GitHub.',
  example: 'https://acme.ghe.com',
  accepts: 'https?://[^/]+',
  required: true,
  kind: 'url',
};

const device = {
  kind: 'device-code',
  paste: { kind: 'none' },
  patterns: { link: '[Vv]isit ', codeAnchor: 'enter (?:the )?code', success, failures },
  // GitHub's, in its answer to the device request; the program does not print it.
  codeLifetimeSeconds: 900,
} as const satisfies Partial<FlowDefinition>;

const web = {
  kind: 'browser',
  paste: { kind: 'callback' },
  patterns: { link: "doesn't open automatically, visit:", success, failures },
} as const satisfies Partial<FlowDefinition>;

const keychain: CredentialPlace = {
  kept: 'keychain',
  where: 'the keychain entry "copilot-cli"',
  keyedBy: 'GitHub host and login name',
  sharedWith: 'machine',
  known: 'documented',
};

export const copilot: ProviderDefinition = {
  id: 'copilot',
  name: 'GitHub Copilot CLI',
  vendor: 'GitHub',
  mark: 'Co',
  aliases: ['copilot-cli', 'github-copilot'],
  program: {
    names: ['copilot'],
    args: [],
    installCommand: 'npm install -g @github/copilot',
    npmPackage: '@github/copilot',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'COPILOT_HOME', usual: '.copilot', seed: [] },
  environment: { set: {}, unset: ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN'], leads: ['GH_TOKEN'] },
  allowedHosts: ['github.com', '{param:host}'],
  flows: [
    {
      ...common,
      ...device,
      answers: [...common.answers],
      id: 'device',
      label: 'Device code',
      args: ['login', '--device-code'],
      verificationUrl: 'https://github.com/login/device',
    },
    {
      ...common,
      ...web,
      answers: [...common.answers],
      id: 'web',
      label: 'Browser',
      args: ['login', '--web-flow'],
    },
    {
      ...common,
      ...device,
      answers: [...common.answers],
      id: 'device-host',
      label: 'Device code at your own GitHub',
      parameters: [host],
      args: ['login', '--device-code', '--host={param:host}'],
    },
    {
      ...common,
      ...web,
      answers: [...common.answers],
      id: 'web-host',
      label: 'Browser at your own GitHub',
      parameters: [host],
      args: ['login', '--web-flow', '--host={param:host}'],
    },
  ],
  // The file says who is signed in, whether the token itself is in it or in the system's keychain.
  proof: { kind: 'credential-file', path: 'config.json', field: 'loggedInUsers' },
  identity: {
    from: { kind: 'file', path: 'config.json' },
    login: 'lastLoggedInUser.login',
    accountId: 'lastLoggedInUser.login',
    issuer: 'lastLoggedInUser.host',
  },
  logout: { args: null },
  apiKey: null,
  // COPILOT_HOME moves the configuration, and the login only where there is no keychain.
  isolation: {
    linux: {
      ...keychain,
      where: `${keychain.where}; config.json in the account's directory where there is no keychain`,
    },
    macos: keychain,
    windows: keychain,
  },
  verified: '1.0.102',
};
