import { denied, expired, loginFailed, unreachable } from './common-failures.ts';
import type {
  FlowDefinition,
  ParameterDefinition,
  PatternDefinition,
  ProviderDefinition,
} from './definition.ts';

const failures: PatternDefinition['failures'] = [
  denied('AADSTS65004|authorization_declined|access_denied'),
  expired('AADSTS70019|AADSTS70020|expired_token|code_expired'),
  {
    pattern: 'AADSTS500(?:11|20|34)|AADSTS90002',
    code: 'wrong_tenant',
    title: 'This account does not belong to that directory.',
    hint: 'Sign in with another account, or choose a way with a tenant that you name.',
  },
  {
    pattern: 'AADSTS5\\d{4}',
    code: 'policy_refused',
    title: "The organisation's rules refused this sign-in.",
    hint: 'What Microsoft said stands in the output; the other way to sign in may be allowed.',
  },
  {
    pattern: 'No subscriptions found',
    code: 'no_subscription',
    title: 'This account has no Azure subscription.',
    hint: 'Sign in with another account, or ask an administrator for access to a subscription.',
  },
  unreachable('The Azure CLI', 'Microsoft'),
  loginFailed('The Azure CLI', '^ERROR: |AADSTS\\d+'),
];

/** On a pipe it does not ask which subscription to use: it takes the first one. */
const common = {
  transport: 'pipe',
  answers: [],
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

const tenant: ParameterDefinition = {
  id: 'tenant',
  label: 'Tenant',
  hint: 'Its id, or one of its domains.',
  example: 'contoso.onmicrosoft.com',
  accepts: '[A-Za-z0-9][A-Za-z0-9.-]{0,252}',
  required: true,
  kind: 'text',
};

/** No line says that it worked: what it prints is the list of subscriptions. */
const success = '"homeTenantId":';

const device = {
  ...common,
  kind: 'device-code',
  paste: { kind: 'none' },
  patterns: {
    link: 'use a web browser to open the page',
    code: 'enter the code ([A-Z0-9]{6,12})(?![A-Za-z0-9])',
    success,
    failures,
  },
  opens: 'printed',
  codeLifetimeSeconds: 900,
  verificationUrl: 'https://microsoft.com/devicelogin',
} as const satisfies Partial<FlowDefinition>;

const browser = {
  ...common,
  kind: 'browser',
  // Microsoft's page posts the code to the loopback port: the address bar has nothing to paste.
  paste: { kind: 'none' },
  // It prints the page without its parameters; only what it opens is a sign-in.
  patterns: { link: '(?!)', success, failures },
  opens: 'captured',
} as const satisfies Partial<FlowDefinition>;

const login = ['login', '--output', 'json'];
const inTenant = '--tenant={param:tenant}';

export const azure: ProviderDefinition = {
  id: 'azure',
  name: 'Azure CLI',
  vendor: 'Microsoft',
  mark: 'Az',
  aliases: ['az', 'azure-cli'],
  program: {
    names: ['az'],
    args: [],
    installCommand: null,
    installCommandOn: {
      linux: 'pipx install azure-cli',
      macos: 'brew install azure-cli',
      windows: 'winget install --id Microsoft.AzureCLI',
    },
    // `--version` asks the network for updates.
    version: { args: ['version', '--output', 'json'], pattern: '"azure-cli": "([0-9.]+)"' },
  },
  configDir: { variable: 'AZURE_CONFIG_DIR', usual: '.azure', seed: [] },
  environment: {
    set: {
      // On Windows the system's own account manager would be asked, which all identities share.
      AZURE_CORE_ENABLE_BROKER_ON_WINDOWS: 'false',
      // What it reports is sent by a process that detaches itself and goes on writing to the account's directory (2.91.0).
      AZURE_CORE_COLLECT_TELEMETRY: 'false',
    },
    unset: ['AZURE_ACCESS_TOKEN', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET', 'AZURE_TENANT_ID'],
  },
  allowedHosts: [
    'microsoft.com',
    'microsoftonline.com',
    'microsoftonline.us',
    'microsoftonline.cn',
    'microsoft.us',
  ],
  flows: [
    { ...device, answers: [], id: 'device', label: 'Device code', args: [...login, '--use-device-code'] },
    { ...browser, answers: [], id: 'browser', label: 'Browser', args: login },
    {
      ...device,
      answers: [],
      id: 'device-tenant',
      label: 'Device code, in a tenant that you name',
      parameters: [tenant],
      args: [...login, '--use-device-code', inTenant],
    },
    {
      ...browser,
      answers: [],
      id: 'browser-tenant',
      label: 'Browser, in a tenant that you name',
      parameters: [tenant],
      args: [...login, inTenant],
    },
  ],
  proof: { kind: 'status-command', args: ['account', 'show', '--output', 'json'] },
  identity: {
    from: { kind: 'status-json' },
    email: 'user.name',
    organisationId: 'tenantId',
    organisation: 'tenantDisplayName',
  },
  health: { ask: 'proof', signedOut: "run 'az login'" },
  logout: { args: ['logout'] },
  apiKey: null,
  isolation: {
    linux: {
      kept: 'file',
      where: "msal_token_cache.json in the account's directory",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'tried',
    },
    macos: {
      kept: 'file',
      where: "msal_token_cache.json in the account's directory",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'documented',
    },
    windows: {
      kept: 'file',
      where: "msal_token_cache.bin in the account's directory, encrypted for this user of Windows",
      keyedBy: "the account's directory",
      sharedWith: 'nobody',
      known: 'documented',
    },
  },
  // Who is signed in, and where; the tokens of msal_token_cache beside it are tried at Microsoft when they are used, and
  // its logout asks there first (2.91.0).
  selfTest: {
    files: [
      {
        path: 'azureProfile.json',
        json: {
          subscriptions: [
            {
              id: '00000000-0000-0000-0000-000000000001',
              name: 'Lanyard self-test',
              state: 'Enabled',
              user: { name: '{name}@self-test.invalid', type: 'user' },
              isDefault: true,
              tenantId: '00000000-0000-0000-0000-000000000002',
              environmentName: 'AzureCloud',
            },
          ],
        },
      },
    ],
    args: ['account', 'show', '--output', 'json'],
    says: '{name}@self-test.invalid',
  },
  verified: '2.91.0',
};
