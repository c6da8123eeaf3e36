import { anthropicKey } from './anthropic-key.ts';
import { denied, expired, loginFailed, portInUse, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, PatternDefinition, ProviderDefinition } from './definition.ts';

const success = 'Logged in to ';

/** It says so on one line and goes back to its prompt. */
const failures: PatternDefinition['failures'] = [
  denied('access_denied'),
  expired('expired_token|Device flow timed out'),
  portInUse('Pi', 1455),
  unreachable('Pi', 'the servers it needs'),
  loginFailed('Pi', ''),
].map((failure) => ({ ...failure, pattern: `Failed to login to .*(?:${failure.pattern})`, final: true }));

/** It has no login command, so what a person would type is typed: /login, the first entry, and the name that filters the second list. */
const answersFor = (name: string): FlowDefinition['answers'] => [
  { question: 'escape interrupt', reply: '/login' },
  { question: '→ Use a subscription', reply: '' },
  { question: '→ Anthropic', reply: name },
];

/** `--offline` keeps it from fetching tools at its start, and from nothing else. */
const common = {
  args: ['--offline', '--no-session', '--no-extensions', '--no-context-files'],
  transport: 'pty',
  opens: 'printed',
  renews: false,
  endsBy: 'proof',
} as const satisfies Partial<FlowDefinition>;

export const pi: ProviderDefinition = {
  id: 'pi',
  name: 'Pi',
  vendor: 'Mario Zechner',
  mark: 'Pi',
  aliases: ['pi-coding-agent', 'pi-agent'],
  program: {
    names: ['pi'],
    args: [],
    installCommand: 'npm install -g @mariozechner/pi-coding-agent',
    npmPackage: '@mariozechner/pi-coding-agent',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'PI_CODING_AGENT_DIR', usual: '.pi/agent', seed: [] },
  environment: {
    set: {},
    unset: [
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_OAUTH_TOKEN',
      'COPILOT_GITHUB_TOKEN',
      'GEMINI_API_KEY',
      'GH_TOKEN',
      'GITHUB_TOKEN',
      'OPENAI_API_KEY',
    ],
  },
  allowedHosts: ['claude.ai', 'auth.openai.com', 'github.com'],
  flows: [
    {
      ...common,
      args: [...common.args],
      id: 'claude',
      label: 'Claude account',
      kind: 'browser',
      paste: { kind: 'callback' },
      patterns: { link: 'Login to Anthropic', success, failures },
      answers: answersFor('anthropic'),
      fixedPort: 53692,
    },
    {
      ...common,
      args: [...common.args],
      id: 'openai',
      label: 'ChatGPT account',
      kind: 'browser',
      paste: { kind: 'callback' },
      patterns: { link: 'Login to ChatGPT', success, failures },
      answers: answersFor('chatgpt'),
      fixedPort: 1455,
    },
    {
      ...common,
      args: [...common.args],
      id: 'copilot',
      label: 'GitHub Copilot (device code)',
      kind: 'device-code',
      paste: { kind: 'none' },
      patterns: { codeAnchor: 'Enter code', success, failures },
      answers: [...answersFor('copilot'), { question: 'GitHub Enterprise', reply: '' }],
      codeLifetimeSeconds: 900,
      verificationUrl: 'https://github.com/login/device',
    },
  ],
  // Lists models of those who are signed in only; the file of credentials is there before anybody is.
  proof: {
    kind: 'status-command',
    args: ['--offline', '--list-models'],
    text: '^(?:anthropic|openai-codex|github-copilot) ',
  },
  // Of the three only ChatGPT's tokens say whose they are.
  identity: {
    from: { kind: 'file', path: 'auth.json' },
    email: ['openai-codex', 'access:jwt', 'https://api.openai.com/profile', 'email'],
    organisationId: 'openai-codex.accountId',
  },
  // Its list of models takes a second to say what its file says.
  health: {
    ask: 'files',
    credentials: ['anthropic', 'openai-codex', 'github-copilot'].map((name) => ({
      path: 'auth.json',
      field: `${name}.access`,
      expires: { field: `${name}.expires`, unit: 'ms' },
      refreshable: `${name}.refresh`,
    })),
  },
  logout: { args: null },
  // The machine's own login in auth.json would go before it (0.73.1).
  apiKey: { ...anthropicKey, home: { seed: [] } },
  isolation: ownFileEverywhere("auth.json in the account's directory"),
  // It lists models of those who are signed in only, and one that its settings name beside them tells who that is.
  selfTest: {
    files: [
      {
        path: 'auth.json',
        json: {
          anthropic: {
            type: 'oauth',
            access: 'sk-ant-oat01-lanyard-self-test-{name}',
            refresh: 'sk-ant-ort01-lanyard-self-test-{name}',
            // The year 2100: nothing to refresh.
            expires: 4_102_444_800_000,
          },
        },
      },
      {
        path: 'models.json',
        json: { providers: { anthropic: { models: [{ id: 'lanyard-self-test-{name}' }] } } },
      },
    ],
    args: ['--offline', '--list-models', 'lanyard-self-test'],
    says: 'lanyard-self-test-{name}',
    nobody: 'No models (?:available|matching)',
  },
  verified: '0.73.1',
};
