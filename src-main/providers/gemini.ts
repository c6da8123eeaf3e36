import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, ParameterDefinition, ProviderDefinition } from './definition.ts';

/** What Google wants of the accounts of most companies besides the sign-in. */
const project: ParameterDefinition = {
  id: 'project',
  label: 'Google Cloud project',
  hint: "The project's id, from whoever gave you your Gemini licence.",
  example: 'acme-gemini-42',
  accepts: '[a-z0-9][a-z0-9.:-]{2,61}[a-z0-9]',
  required: true,
  kind: 'text',
};

const browser = {
  kind: 'paste',
  args: [],
  transport: 'pty',
  paste: {
    kind: 'code',
    accepts: '[^\\s#]{4,}',
    example: 'the code that the page shows, such as 4/0Ab32j92kQx',
    enterSeparately: false,
    join: 'code',
  },
  patterns: {
    link: 'visit the following URL to authorize',
    prompt: 'Enter the authorization code:',
    success: 'Signed in with Google',
    rejected: 'Failed to authenticate with authorization code.*|Authorization code is required.*',
    failures: [
      {
        pattern: 'session is non-interactive',
        code: 'needs_terminal',
        title: 'Gemini CLI signs in only in a terminal.',
        hint: 'Try again; if it happens twice, report it with what the program said.',
      },
      {
        pattern: 'Failed to authenticate with user code\\.(?! Retrying)',
        code: 'code_not_accepted',
        title: 'Google did not accept the code.',
        hint: 'Start again and copy the code from the new page; each code works once.',
        final: true,
      },
    ],
  },
  answers: [],
  opens: 'printed',
  // A new link after a refused code, and after five minutes.
  renews: true,
  endsBy: 'proof',
} as const satisfies Partial<FlowDefinition>;

export const gemini: ProviderDefinition = {
  id: 'gemini',
  name: 'Gemini CLI',
  vendor: 'Google',
  mark: 'Ge',
  aliases: ['gemini-cli', 'google'],
  program: {
    names: ['gemini'],
    args: [],
    installCommand: 'npm install -g @google/gemini-cli',
    npmPackage: '@google/gemini-cli',
    version: { args: ['--version'] },
  },
  configDir: {
    variable: 'GEMINI_CLI_HOME',
    usual: '.',
    // There is no login command: the program signs in on its way to its prompt, unless it has questions before that.
    seed: [
      { path: '.gemini/settings.json', json: { security: { auth: { selectedType: 'oauth-personal' } } } },
      { path: '.gemini/trustedFolders.json', json: { '{dir}': 'TRUST_FOLDER' } },
    ],
  },
  environment: {
    set: {
      NO_BROWSER: 'true',
      GEMINI_FORCE_FILE_STORAGE: 'true',
      // Without it a second process does the work, and killing the first leaves it behind.
      GEMINI_CLI_NO_RELAUNCH: 'true',
      GOOGLE_CLOUD_PROJECT: '{param:project}',
    },
    unset: [
      'GEMINI_API_KEY',
      'GOOGLE_API_KEY',
      'GOOGLE_GENAI_USE_VERTEXAI',
      'GOOGLE_GENAI_USE_GCA',
      'GOOGLE_CLOUD_ACCESS_TOKEN',
      'GOOGLE_CLOUD_PROJECT',
      'GOOGLE_APPLICATION_CREDENTIALS',
      'GEMINI_FORCE_ENCRYPTED_FILE_STORAGE',
      'GEMINI_CLI_TRUSTED_FOLDERS_PATH',
      'CLOUD_SHELL',
    ],
  },
  allowedHosts: ['accounts.google.com'],
  flows: [
    { ...browser, id: 'browser', label: 'Google account' },
    {
      ...browser,
      id: 'browser-project',
      label: 'Google account of a company (with a project)',
      parameters: [project],
    },
  ],
  proof: { kind: 'credential-file', path: '.gemini/oauth_creds.json', field: 'refresh_token' },
  // google_accounts.json has the email, too, but is written some time after the credentials.
  identity: {
    from: { kind: 'file', path: '.gemini/oauth_creds.json' },
    email: 'id_token:jwt.email',
    accountId: 'id_token:jwt.sub',
    organisation: 'id_token:jwt.hd',
    issuer: 'id_token:jwt.iss',
  },
  health: {
    ask: 'files',
    credentials: [
      {
        path: '.gemini/oauth_creds.json',
        field: 'refresh_token',
        expires: { field: 'expiry_date', unit: 'ms' },
        refreshable: 'refresh_token',
      },
    ],
  },
  logout: { args: null },
  apiKey: {
    variable: 'GEMINI_API_KEY',
    accepts: 'AIza[A-Za-z0-9_-]{35}|AQ\\.[A-Za-z0-9_-]{20,}',
    example: 'AIza and 35 letters or digits',
    check: {
      url: 'https://generativelanguage.googleapis.com/v1beta/models',
      headers: { 'x-goog-api-key': '{key}' },
      // Google calls a bad key a bad request.
      refusedWith: [400],
    },
    // What is chosen in the person's own settings goes before the key.
    home: {
      seed: [
        { path: '.gemini/settings.json', json: { security: { auth: { selectedType: 'gemini-api-key' } } } },
      ],
    },
  },
  // GEMINI_FORCE_FILE_STORAGE keeps it out of the keychain, where all directories would share one entry.
  isolation: ownFileEverywhere(".gemini/oauth_creds.json in the account's directory"),
  // An ordinary login is tried at Google before anything is said of it. One that points at a file which is not there
  // ends before that, and --debug names the file; without a session to list nothing else happens (0.61.0).
  selfTest: {
    files: [
      {
        path: '.gemini/oauth_creds.json',
        json: {
          type: 'external_account',
          audience: '//iam.googleapis.com/lanyard-self-test',
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          token_url: 'https://sts.googleapis.com/v1/token',
          credential_source: { file: 'lanyard-self-test-{name}' },
        },
      },
    ],
    args: ['--debug', '--list-sessions'],
    says: 'The file at lanyard-self-test-{name} does not exist',
    nobody: 'Manual authorization is required',
  },
  verified: '0.61.0',
};
