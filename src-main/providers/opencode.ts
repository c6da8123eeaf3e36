import { denied, expired, loginFailed, portInUse, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, PatternDefinition, ProviderDefinition } from './definition.ts';

const success = 'Login successful';

const failures: PatternDefinition['failures'] = [
  denied('access_denied'),
  expired('expired_token'),
  portInUse('OpenCode', 1455),
  unreachable('OpenCode', 'the servers it needs'),
  loginFailed('OpenCode', 'Failed to authorize|Unknown provider|Unknown method'),
];

const common = {
  transport: 'pty',
  answers: [],
  opens: 'printed',
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

/** The claims that OpenAI keeps under one name with dots in it. */
const openAiClaim = (group: string, name: string) => [
  'openai',
  'access:jwt',
  `https://api.openai.com/${group}`,
  name,
];

const openAi = ['auth', 'login', '--provider', 'openai', '--method'];

export const opencode: ProviderDefinition = {
  id: 'opencode',
  name: 'OpenCode',
  vendor: 'Anomaly',
  mark: 'Op',
  aliases: ['opencode-ai'],
  program: {
    names: ['opencode'],
    args: [],
    installCommand: 'npm install -g opencode-ai',
    npmPackage: 'opencode-ai',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'XDG_DATA_HOME', usual: '.local/share', seed: [] },
  environment: {
    set: {
      // With a new data directory and old ones of these, 1.18.33 hangs at its second sign-in.
      XDG_CONFIG_HOME: '{dir}/config',
      XDG_CACHE_HOME: '{dir}/cache',
      XDG_STATE_HOME: '{dir}/state',
    },
    unset: ['OPENCODE_AUTH_CONTENT', 'OPENCODE_API_KEY'],
  },
  allowedHosts: ['github.com', 'auth.openai.com'],
  flows: [
    {
      ...common,
      id: 'copilot',
      label: 'GitHub Copilot (device code)',
      kind: 'device-code',
      args: ['auth', 'login', '--provider', 'github-copilot'],
      paste: { kind: 'none' },
      patterns: { link: 'Go to:', codeAnchor: 'Enter code', success, failures },
      // The filled diamond is the question, an empty one the answer.
      answers: [{ question: '◆ +Select GitHub deployment type', reply: '' }],
      codeLifetimeSeconds: 900,
      verificationUrl: 'https://github.com/login/device',
    },
    {
      ...common,
      answers: [],
      id: 'openai',
      label: 'ChatGPT account',
      kind: 'browser',
      args: [...openAi, 'ChatGPT Pro/Plus (browser)'],
      paste: { kind: 'callback' },
      patterns: { link: 'Go to:', success, failures },
      fixedPort: 1455,
    },
    {
      ...common,
      answers: [],
      id: 'openai-device',
      label: 'ChatGPT account (device code)',
      kind: 'device-code',
      args: [...openAi, 'ChatGPT Pro/Plus (headless)'],
      paste: { kind: 'none' },
      patterns: {
        link: 'Go to:',
        code: 'Enter code: ([A-Z0-9]{4}-[A-Z0-9]{4,5})(?![A-Za-z0-9-])',
        success,
        failures,
      },
      codeLifetimeSeconds: 900,
      verificationUrl: 'https://auth.openai.com/codex/device',
    },
  ],
  // `auth list` exits with 0 also when nobody is signed in.
  proof: { kind: 'credential-file', path: 'opencode/auth.json' },
  identity: {
    from: { kind: 'file', path: 'opencode/auth.json' },
    email: openAiClaim('profile', 'email'),
    accountId: openAiClaim('auth', 'chatgpt_user_id'),
    organisationId: 'openai.accountId',
    plan: openAiClaim('auth', 'chatgpt_plan_type'),
  },
  health: {
    ask: 'files',
    credentials: [
      {
        path: 'opencode/auth.json',
        field: 'openai.access',
        expires: { field: 'openai.expires', unit: 'ms' },
        refreshable: 'openai.refresh',
      },
      // Its expiry is 0: GitHub's token stays.
      {
        path: 'opencode/auth.json',
        field: 'github-copilot.refresh',
        expires: { field: 'github-copilot.expires', unit: 'ms' },
        refreshable: 'github-copilot.refresh',
      },
    ],
  },
  logout: { args: null },
  apiKey: null,
  isolation: ownFileEverywhere("opencode/auth.json in the account's directory"),
  selfTest: {
    files: [
      { path: 'opencode/auth.json', json: { 'lanyard-self-test-{name}': { type: 'api', key: 'sk-{name}' } } },
    ],
    args: ['auth', 'list'],
    says: 'lanyard-self-test-{name}',
    nobody: '\\b0 credentials',
  },
  verified: '1.18.33',
};
