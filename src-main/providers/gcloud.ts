import { denied, loginFailed, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, PatternDefinition, ProviderDefinition } from './definition.ts';

const failures: PatternDefinition['failures'] = [
  denied('access_denied'),
  unreachable('The Google Cloud CLI', 'Google'),
  {
    pattern: 'There was a problem with web authentication',
    code: 'code_not_accepted',
    title: 'Google did not accept the code.',
    hint: 'Start again and copy the whole code from the new page; each code works once.',
  },
  loginFailed('The Google Cloud CLI', '^ERROR: '),
];

const success = 'You are now logged in as';

const common = {
  transport: 'pipe',
  answers: [],
  opens: 'printed',
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

export const gcloud: ProviderDefinition = {
  id: 'gcloud',
  name: 'Google Cloud CLI',
  vendor: 'Google',
  mark: 'Gc',
  aliases: ['google-cloud', 'gcp'],
  program: {
    names: ['gcloud'],
    args: [],
    installCommand: null,
    installCommandOn: {
      linux: 'sudo snap install google-cloud-cli --classic',
      macos: 'brew install --cask gcloud-cli',
      windows: 'winget install --id Google.CloudSDK',
    },
    version: { args: ['--version'] },
  },
  configDir: { variable: 'CLOUDSDK_CONFIG', usual: '.config/gcloud', seed: [] },
  environment: {
    set: {},
    unset: [
      'CLOUDSDK_AUTH_ACCESS_TOKEN_FILE',
      'CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE',
      'CLOUDSDK_CORE_ACCOUNT',
      'GOOGLE_APPLICATION_CREDENTIALS',
    ],
  },
  allowedHosts: ['accounts.google.com'],
  flows: [
    {
      ...common,
      answers: [],
      id: 'paste',
      label: 'Google account',
      kind: 'paste',
      args: ['auth', 'login', '--no-launch-browser'],
      paste: {
        kind: 'code',
        accepts: '[^\\s#]{4,}',
        example: 'the code that the page shows, such as 4/0Ab32j92kQx',
        enterSeparately: false,
        join: 'code',
      },
      patterns: {
        link: 'Go to the following link in your browser',
        prompt: 'enter the verification code provided in your browser:',
        success,
        failures,
      },
    },
    {
      ...common,
      answers: [],
      id: 'browser',
      label: 'Google account, without a code (needs a desktop)',
      kind: 'browser',
      args: ['auth', 'login', '--launch-browser'],
      paste: { kind: 'callback' },
      patterns: { link: 'browser has been opened to visit', success, failures },
      fixedPort: 8085,
      // To the next free one, up to 8184; Google takes any.
      portMayMove: true,
    },
  ],
  // Exits with 0 also when nobody is signed in.
  proof: {
    kind: 'status-command',
    args: ['auth', 'list', '--filter=status:ACTIVE', '--format=json'],
    json: { field: '0.status', equals: 'ACTIVE' },
  },
  identity: { from: { kind: 'status-json' }, email: '0.account' },
  logout: { args: ['auth', 'revoke', '--all'] },
  apiKey: null,
  isolation: ownFileEverywhere("credentials.db in the account's directory"),
  selfTest: {
    files: [
      { path: 'active_config', text: 'default' },
      { path: 'configurations/config_default', text: '[core]\naccount = {name}@lanyard.invalid\n' },
      {
        // A database of SQLite with one row: an account of that name, and a refresh token that nobody gave out.
        path: 'credentials.db',
        gzip:
          'H4sIAAAAAAACA+2SzUoDMRSFk2nxD7pwIXUZ0o1CWxCRgqv+MItiRa2zaFdDnLljgzGjSUas0kUfzafxFVyaDBWyEFy5' +
          '0X7cQG4ON1w45/pqxA2QLFf3zJBjFCCMUZcQhFBldb4I7Kl6PUY/U0HtBNfwBwrwBOEJfkP/hFu8WW808HLPsBsBiYIU' +
          'pOFMaO8aDMZhLwpJ1OuPQkI9hZIDliR5IU3MUxKFk4hcjofnvfGUnIXTJnliogDSH130D0+CjfqwgRGXKTzrR2HdjFlh' +
          '8rKPvT/jI69xvm65PWvOSCyQrTW/zHIXVzvLRcaVNl3B5JyptM2lNZOnr9TMH4CeEmrNm+WKv0AaFxoUbdpkCA5lFJy+' +
          'GvTetcuXcZrMJThBQaZAz2KT34H0hloaRNYyoE2r3IIudkr/35GtNX+X/Upn+9vcfQJoB12hAAYAAA==',
      },
    ],
    args: ['auth', 'list', '--filter=status:ACTIVE', '--format=json'],
    says: '{name}@lanyard.invalid',
    nobody: '^\\s*\\[\\]',
  },
  verified: '528.0.0',
};
