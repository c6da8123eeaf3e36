import { anthropicKey } from './anthropic-key.ts';
import type { FlowDefinition, PatternDefinition, ProviderDefinition } from './definition.ts';

const noNetwork = 'ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|certificate|socket|network';
const codeNotAccepted = {
  code: 'code_not_accepted',
  title: 'Claude did not accept the code.',
  hint: 'Start again and copy the whole code from the new page; each code works once.',
};
const cliUnreachable = {
  code: 'provider_unreachable',
  title: 'Claude Code could not reach its servers.',
  hint: 'Check the network and proxy settings, then try again.',
};
const loginFailed = {
  code: 'login_failed',
  title: 'Claude Code could not finish the sign-in.',
  hint: 'Try again; what it said stands in the output.',
};

const link = "browser didn't open, visit:|Use the url below to sign in";
const prompt = 'Paste code here if prompted\\s*>';

const patterns: PatternDefinition = {
  link,
  prompt,
  success: 'Login successful',
  rejected: 'Invalid code\\. .*',
  failures: [
    { ...codeNotAccepted, pattern: 'Login failed: Request failed with status code 400' },
    { ...cliUnreachable, pattern: `Login failed: .*(?:${noNetwork})` },
    { ...loginFailed, pattern: 'Login failed' },
  ],
};

/** After any of these it waits for Enter, to make a new link; a sign-in of ours begins anew with the person instead. */
const setupTokenPatterns: PatternDefinition = {
  link,
  prompt,
  success: 'authentication token created successfully',
  failures: [
    { ...codeNotAccepted, pattern: 'OAuth error: Request failed with status code 400', final: true },
    { ...cliUnreachable, pattern: `OAuth error: .*(?:${noNetwork})`, final: true },
    { ...loginFailed, pattern: 'OAuth error', final: true },
  ],
};

/** A wrong code ends the CLI; one without `#` is refused and it goes on waiting without asking again (2.1.197). */
const common = {
  kind: 'browser',
  transport: 'pipe',
  paste: {
    kind: 'code',
    accepts: '[^\\s#]+#[^\\s#]+',
    example: 'a code with a # in it, such as abc123#xyz789',
    enterSeparately: false,
    join: 'code#state',
  },
  patterns,
  answers: [],
  // The printed link ends on a page that shows a code; the opened one comes back to the CLI by itself.
  opens: 'captured',
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

export const claude: ProviderDefinition = {
  id: 'claude',
  name: 'Claude Code',
  vendor: 'Anthropic',
  mark: 'Cl',
  aliases: ['claude-code', 'claude-cli'],
  program: {
    names: ['claude'],
    args: [],
    installCommand: 'npm install -g @anthropic-ai/claude-code',
    npmPackage: '@anthropic-ai/claude-code',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'CLAUDE_CONFIG_DIR', usual: '.claude', seed: [] },
  environment: {
    set: {},
    unset: [
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_AUTH_TOKEN',
      'CLAUDE_CODE_OAUTH_TOKEN',
      'CLAUDE_CODE_OAUTH_REFRESH_TOKEN',
      'CLAUDECODE',
      'CLAUDE_CODE_USE_BEDROCK',
      'CLAUDE_CODE_USE_VERTEX',
    ],
  },
  allowedHosts: ['claude.ai', 'claude.com', 'anthropic.com'],
  flows: [
    { ...common, id: 'browser', label: 'claude.ai account', args: ['auth', 'login', '--claudeai'] },
    { ...common, id: 'console', label: 'Anthropic Console account', args: ['auth', 'login', '--console'] },
    { ...common, id: 'sso', label: 'Single sign-on', args: ['auth', 'login', '--sso'] },
    {
      ...common,
      id: 'setup-token',
      label: 'Long-lived token',
      args: ['setup-token'],
      // On a pipe it prints an empty line and hangs.
      transport: 'pty',
      // An Enter in one piece with the code is taken for part of it.
      paste: { ...common.paste, enterSeparately: true },
      patterns: setupTokenPatterns,
      yields: {
        pattern: '(sk-ant-oat[0-9]{2}-[A-Za-z0-9_-]{20,})',
        variable: 'CLAUDE_CODE_OAUTH_TOKEN',
        // What it asks for (`expires_in`), and what it says: "valid for 1 year".
        lifetimeSeconds: 31_536_000,
      },
    },
  ],
  proof: { kind: 'status-command', args: ['auth', 'status'], json: { field: 'loggedIn', equals: true } },
  identity: {
    from: { kind: 'status-json' },
    email: 'email',
    organisationId: 'orgId',
    organisation: 'orgName',
    plan: 'subscriptionType',
  },
  // Asked with an expired token, 2.1.197 begins to renew it, and says yes whatever comes of it.
  health: {
    ask: 'files',
    credentials: [
      {
        path: '.credentials.json',
        field: 'claudeAiOauth.accessToken',
        expires: { field: 'claudeAiOauth.expiresAt', unit: 'ms' },
        refreshable: 'claudeAiOauth.refreshToken',
      },
      // Where a Console account without other scopes has its key.
      { path: '.claude.json', field: 'primaryApiKey' },
    ],
    identity: {
      from: { kind: 'file', path: '.claude.json' },
      email: 'oauthAccount.emailAddress',
      accountId: 'oauthAccount.accountUuid',
      organisationId: 'oauthAccount.organizationUuid',
      organisation: 'oauthAccount.organizationName',
    },
  },
  logout: { args: ['auth', 'logout'] },
  // In a terminal it asks about the key, and uses the machine's own login when the answer is no.
  apiKey: { ...anthropicKey, home: { seed: [] } },
  isolation: {
    linux: {
      kept: 'file',
      where: ".credentials.json in the account's directory",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'tried',
    },
    macos: {
      kept: 'keychain',
      where: 'the keychain entry "Claude Code-credentials", with a hash of the directory behind its name',
      keyedBy: "the path of the account's directory",
      sharedWith: 'nobody',
      known: 'documented',
    },
    windows: {
      kept: 'file',
      where: ".credentials.json in the account's directory",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'documented',
    },
  },
  selfTest: {
    files: [
      {
        path: '.credentials.json',
        json: {
          claudeAiOauth: {
            accessToken: 'sk-ant-oat01-lanyard-self-test-{name}',
            refreshToken: 'sk-ant-ort01-lanyard-self-test-{name}',
            // The year 2100: nothing to refresh.
            expiresAt: 4_102_444_800_000,
            scopes: ['user:inference', 'user:profile'],
            subscriptionType: 'max',
          },
        },
      },
      {
        path: '.claude.json',
        json: {
          oauthAccount: {
            accountUuid: 'lanyard-self-test-{name}',
            emailAddress: '{name}@self-test.invalid',
            organizationUuid: 'lanyard-self-test',
            organizationName: 'Lanyard self-test',
          },
        },
      },
    ],
    args: ['auth', 'status'],
    says: '{name}@self-test.invalid',
  },
  verified: '2.1.197',
};
