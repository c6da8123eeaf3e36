import { denied, expired, loginFailed, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, PatternDefinition, ProviderDefinition } from './definition.ts';

const failures: PatternDefinition['failures'] = [
  denied('Login cancelled: '),
  expired('[Dd]evice (?:code|authorization).* expired|expired_token'),
  unreachable('Kimi Code', 'Kimi'),
  loginFailed('Kimi Code', 'Login failed: '),
];

/** Everything on stderr; the link has the code in it. */
const common = {
  kind: 'device-code',
  transport: 'pipe',
  paste: { kind: 'none' },
  patterns: {
    link: 'Opening browser for Kimi device login',
    code: 'enter code: ([A-Za-z0-9-]{4,32})',
    success: '^Logged in to ',
    failures,
  },
  answers: [],
  opens: 'printed',
  // It asks for a new code when the old one expired.
  renews: true,
  codeLifetimeSeconds: 1800,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

export const kimi: ProviderDefinition = {
  id: 'kimi',
  name: 'Kimi Code',
  vendor: 'Moonshot AI',
  mark: 'Ki',
  aliases: ['kimi-code', 'kimi-cli', 'moonshot'],
  program: {
    names: ['kimi'],
    args: [],
    installCommand: 'npm install -g @moonshot-ai/kimi-code',
    npmPackage: '@moonshot-ai/kimi-code',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'KIMI_CODE_HOME', usual: '.kimi-code', seed: [] },
  environment: {
    set: {},
    unset: [
      'KIMI_API_KEY',
      'KIMI_MODEL_API_KEY',
      'KIMI_CODE_OAUTH_HOST',
      'KIMI_OAUTH_HOST',
      'KIMI_CODE_BASE_URL',
    ],
  },
  allowedHosts: ['kimi.com', 'kimi.ai'],
  flows: [
    {
      ...common,
      answers: [],
      id: 'device',
      label: 'kimi.com account',
      args: ['login', '--region', 'mainland-cn'],
    },
    {
      ...common,
      answers: [],
      id: 'device-global',
      label: 'kimi.ai account',
      args: ['login', '--region', 'global'],
    },
  ],
  // One file in it, named by the region. There is no status command, and a `kimi -p` would cost a request.
  proof: { kind: 'credential-file', path: 'credentials' },
  identity: null,
  health: {
    ask: 'files',
    credentials: [
      {
        path: 'credentials/*.json',
        field: 'access_token',
        expires: { field: 'expires_at', unit: 's' },
        refreshable: 'refresh_token',
      },
    ],
  },
  logout: { args: null },
  apiKey: {
    variable: 'KIMI_API_KEY',
    accepts: 'sk-[A-Za-z0-9_-]{20,}',
    example: 'sk- and a long run of letters and digits',
    check: { url: 'https://api.moonshot.ai/v1/models', headers: { authorization: 'Bearer {key}' } },
    // Lest a login of the machine's own goes before it.
    home: { seed: [] },
  },
  isolation: ownFileEverywhere("credentials in the account's directory"),
  verified: '2.1.0',
};
