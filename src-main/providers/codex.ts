import { ownFileEverywhere } from './credential-place.ts';
import type { PatternDefinition, ProviderDefinition } from './definition.ts';

const success = 'Successfully logged in';

const failures: PatternDefinition['failures'] = [
  {
    pattern: 'device code login is not enabled',
    code: 'device_login_disabled',
    title: 'Device codes are turned off for this account.',
    hint: 'Turn them on in the security settings of ChatGPT, or sign in with the browser instead.',
  },
  {
    pattern: 'Login cancelled',
    code: 'port_taken_over',
    title: 'Another Codex sign-in on this machine took its place.',
    hint: 'Finish or cancel the other one, then try again.',
  },
  {
    pattern: 'Sign-in failed: ',
    code: 'sign_in_denied',
    title: 'OpenAI did not complete the sign-in.',
    hint: 'Try again and approve the sign-in on the page; what OpenAI said stands in the output.',
  },
  {
    pattern: 'error sending request|dns error|tcp connect error',
    code: 'provider_unreachable',
    title: 'Codex could not reach OpenAI.',
    hint: 'Check the network and proxy settings, then try again.',
  },
  {
    pattern: 'CODEX_HOME points to .* but that path does not exist',
    code: 'config_dir_missing',
    title: "The account's directory is gone.",
    hint: 'Try again; a new one is made.',
  },
  {
    pattern: '[Aa]ddress already in use|os error (?:48|98|10048)',
    code: 'port_in_use',
    title: 'Port 1455, which Codex waits on, is taken.',
    hint: 'End the program that uses it, or sign in with a device code.',
  },
  {
    pattern: 'Error logging in: ',
    code: 'login_failed',
    title: 'Codex could not finish the sign-in.',
    hint: 'Try again; what it said stands in the output.',
  },
];

/** The claims that OpenAI keeps under one name with dots in it. */
const openAiClaim = (name: string) => ['tokens', 'id_token:jwt', 'https://api.openai.com/auth', name];

export const codex: ProviderDefinition = {
  id: 'codex',
  name: 'Codex',
  vendor: 'OpenAI',
  mark: 'Cx',
  aliases: ['codex-cli', 'chatgpt'],
  program: {
    names: ['codex'],
    args: [],
    installCommand: 'npm install -g @openai/codex',
    npmPackage: '@openai/codex',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'CODEX_HOME', usual: '.codex', seed: [] },
  environment: { set: {}, unset: ['OPENAI_API_KEY', 'CODEX_API_KEY', 'CODEX_ACCESS_TOKEN'] },
  allowedHosts: ['auth.openai.com', 'chatgpt.com'],
  flows: [
    {
      id: 'browser',
      label: 'ChatGPT account',
      kind: 'browser',
      args: ['login'],
      transport: 'pipe',
      paste: { kind: 'callback' },
      patterns: { link: 'navigate to this URL to authenticate', success, failures },
      answers: [],
      opens: 'printed',
      renews: false,
      endsBy: 'exit',
      // 0.169.0 cancels whatever Codex sign-in has the port, and takes 1457 while it stays busy: where a paste goes is
      // read from the link, not from here.
      fixedPort: 1455,
    },
    {
      id: 'device',
      label: 'Device code',
      kind: 'device-code',
      args: ['login', '--device-auth'],
      transport: 'pipe',
      paste: { kind: 'none' },
      patterns: {
        link: 'Open this link in your browser',
        code: '(?<![A-Z0-9-])([A-Z0-9]{4}-[A-Z0-9]{4,5})(?![A-Za-z0-9-])',
        codeAnchor: 'one-time code',
        success,
        failures,
      },
      answers: [],
      opens: 'printed',
      renews: false,
      codeLifetimeSeconds: 900,
      endsBy: 'exit',
      verificationUrl: 'https://auth.openai.com/codex/device',
    },
  ],
  // Says so on stderr; exit code 1 and "Not logged in" otherwise.
  proof: { kind: 'status-command', args: ['login', 'status'], text: 'Logged in using' },
  identity: {
    from: { kind: 'file', path: 'auth.json' },
    email: 'tokens.id_token:jwt.email',
    accountId: openAiClaim('chatgpt_user_id'),
    organisationId: openAiClaim('chatgpt_account_id'),
    plan: openAiClaim('chatgpt_plan_type'),
  },
  health: {
    ask: 'proof',
    credentials: [
      {
        path: 'auth.json',
        field: 'tokens.access_token',
        expires: { field: 'tokens.access_token:jwt.exp', unit: 's' },
        refreshable: 'tokens.refresh_token',
      },
    ],
    signedOut: 'Not logged in',
  },
  logout: { args: ['logout'] },
  apiKey: {
    // 0.169.0 takes no notice of OPENAI_API_KEY, and of this one only in `codex exec`.
    variable: 'CODEX_API_KEY',
    accepts: 'sk-[A-Za-z0-9_-]{20,}',
    example: 'sk- and a long run of letters and digits',
    check: { url: 'https://api.openai.com/v1/models', headers: { authorization: 'Bearer {key}' } },
    // A model provider of our own reads it everywhere, and the machine's own login is not in this directory.
    home: {
      seed: [
        {
          path: 'config.toml',
          text: [
            'model_provider = "openai-api-key"',
            '',
            '[model_providers.openai-api-key]',
            'name = "OpenAI"',
            'base_url = "https://api.openai.com/v1"',
            'env_key = "CODEX_API_KEY"',
            'wire_api = "responses"',
            '',
          ].join('\n'),
        },
      ],
    },
  },
  isolation: ownFileEverywhere("auth.json in the account's directory"),
  // "API key configured - sk-lanya***first"
  selfTest: {
    files: [{ path: 'auth.json', json: { OPENAI_API_KEY: 'sk-lanyard-self-test-{name}' } }],
    args: ['login', 'status'],
    says: '***{name}',
  },
  verified: '0.169.0',
};
