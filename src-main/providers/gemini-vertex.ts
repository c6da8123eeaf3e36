import { denied, loginFailed, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { ProviderDefinition } from './definition.ts';

const credentials = 'application_default_credentials.json';

/**
 * Gemini CLI on Vertex AI. It has no sign-in of its own for that: it takes the credentials that gcloud makes for
 * applications, and the project and place to work in from variables (gemini 0.61.0).
 */
export const geminiVertex: ProviderDefinition = {
  id: 'gemini-vertex',
  name: 'Gemini on Vertex AI',
  vendor: 'Google',
  mark: 'Gv',
  aliases: ['vertex', 'vertex-ai'],
  program: { names: ['gcloud'], args: [], installCommand: null, version: { args: ['--version'] } },
  configDir: {
    variable: 'GEMINI_CLI_HOME',
    usual: '.',
    seed: [{ path: '.gemini/settings.json', json: { security: { auth: { selectedType: 'vertex-ai' } } } }],
  },
  environment: {
    set: {
      GOOGLE_APPLICATION_CREDENTIALS: `{dir}/${credentials}`,
      GOOGLE_GENAI_USE_VERTEXAI: 'true',
      GOOGLE_CLOUD_PROJECT: '{param:project}',
      GOOGLE_CLOUD_LOCATION: '{param:location}',
    },
    unset: [
      'GEMINI_API_KEY',
      'GOOGLE_API_KEY',
      'GOOGLE_GENAI_USE_GCA',
      'GOOGLE_CLOUD_ACCESS_TOKEN',
      'CLOUDSDK_AUTH_ACCESS_TOKEN_FILE',
      'CLOUD_SHELL',
    ],
  },
  allowedHosts: ['accounts.google.com'],
  flows: [
    {
      id: 'paste',
      label: 'Google account',
      kind: 'paste',
      parameters: [
        {
          id: 'project',
          label: 'Google Cloud project',
          hint: 'The id of the project that pays, with Vertex AI turned on.',
          example: 'acme-gemini-42',
          accepts: '[a-z0-9][a-z0-9.:-]{2,61}[a-z0-9]',
          required: true,
          kind: 'text',
        },
        {
          id: 'location',
          label: 'Location',
          example: 'europe-west4',
          accepts: '[a-z]+(?:-[a-z]+\\d+)?',
          required: true,
          default: 'global',
          kind: 'text',
        },
      ],
      // It would ask whether the file that its applications are told of may be written anew.
      args: ['auth', 'application-default', 'login', '--no-launch-browser', '--quiet'],
      // Where it writes that file. Not for programs that run as the account: gcloud has an account of its own there.
      environment: { CLOUDSDK_CONFIG: '{dir}' },
      transport: 'pipe',
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
        success: 'Credentials saved to file',
        failures: [
          denied('access_denied'),
          unreachable('The Google Cloud CLI', 'Google'),
          {
            pattern: 'There was a problem with web authentication',
            code: 'code_not_accepted',
            title: 'Google did not accept the code.',
            hint: 'Start again and copy the whole code from the new page; each code works once.',
          },
          loginFailed('The Google Cloud CLI', '^ERROR: '),
        ],
      },
      answers: [],
      opens: 'printed',
      renews: false,
      endsBy: 'exit',
    },
  ],
  proof: { kind: 'credential-file', path: credentials, field: 'refresh_token' },
  // The file names nobody.
  identity: null,
  logout: { args: null },
  apiKey: null,
  isolation: ownFileEverywhere(`${credentials} in the account's directory`),
  verified: '528.0.0',
};
