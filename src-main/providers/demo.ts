import {
  authorizationCodeExample,
  authorizationCodePattern,
  deviceCodeLifetimeSeconds,
} from '../demo/protocol.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, PatternDefinition, ProviderDefinition } from './definition.ts';

const failures: PatternDefinition['failures'] = [
  {
    pattern: '^Login failed: access_denied',
    code: 'sign_in_denied',
    title: 'You denied the sign-in.',
    hint: 'Try again and choose Approve on the page.',
  },
  {
    pattern: '^Login failed: expired_token',
    code: 'device_code_expired',
    title: 'The code expired before it was entered.',
    hint: 'Try again; the new code lives for ten minutes.',
  },
  {
    pattern: '^Login failed: invalid_grant',
    code: 'code_not_accepted',
    title: 'The demo provider did not accept the code.',
    hint: 'Try again and copy the code from the new page; each code works once.',
  },
  {
    pattern: '^Login failed: the demo service does not answer',
    code: 'demo_service_unreachable',
    title: "The demo provider's local page does not answer.",
    hint: 'It runs while the app runs. Quit the app, start it again and try once more.',
  },
];

const common = {
  transport: 'pipe',
  answers: [],
  opens: 'printed',
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

const success = '^Logged in as \\S+';

/**
 * The provider that ships with the app and needs no account anywhere.
 * @param program how the demo CLI is started: the app's own executable and the argument that makes it the CLI
 * @param serviceOrigin where `DemoService` listens now; it changes with every start of the app
 */
export function demoProvider(
  program: { file: string; args: string[] },
  serviceOrigin: string,
): ProviderDefinition {
  return {
    id: 'demo',
    name: 'Demo',
    vendor: 'Lanyard',
    mark: 'De',
    aliases: ['demo-provider'],
    program: { names: [program.file], args: program.args, shownAs: 'demo', installCommand: null },
    configDir: { variable: 'DEMO_HOME', usual: '.demo-provider', seed: [] },
    environment: { set: { DEMO_SERVICE: serviceOrigin }, unset: [] },
    allowedHosts: ['127.0.0.1'],
    flows: [
      {
        ...common,
        id: 'browser',
        label: 'Browser',
        kind: 'browser',
        args: ['login'],
        paste: { kind: 'callback' },
        patterns: { success, failures },
      },
      {
        ...common,
        id: 'device',
        label: 'Device code',
        kind: 'device-code',
        args: ['login', '--device'],
        paste: { kind: 'none' },
        patterns: { code: '\\b([A-Z]{4}-[A-Z]{4})\\b', codeAnchor: 'enter the code', success, failures },
        codeLifetimeSeconds: deviceCodeLifetimeSeconds,
        verificationUrl: `${serviceOrigin}/device`,
      },
      {
        ...common,
        id: 'paste',
        label: 'Paste a code',
        kind: 'paste',
        args: ['login', '--paste'],
        paste: {
          kind: 'code',
          accepts: `^${authorizationCodePattern}$`,
          example: authorizationCodeExample,
          enterSeparately: false,
          join: 'code',
        },
        patterns: {
          prompt: 'Paste the code here >\\s*$',
          rejected: '^That is not a code: .*',
          success,
          failures,
        },
      },
    ],
    proof: { kind: 'status-command', args: ['status'], json: { field: 'loggedIn', equals: true } },
    identity: {
      from: { kind: 'status-json' },
      email: 'email',
      accountId: 'accountId',
      organisationId: 'organisationId',
      organisation: 'organisation',
      plan: 'plan',
    },
    health: {
      ask: 'proof',
      credentials: [
        {
          path: 'demo-credentials.json',
          field: 'accessToken',
          // Its tokens last until the app ends; a file may say otherwise.
          expires: { field: 'expiresAt', unit: 'ms' },
          refreshable: 'refreshToken',
        },
      ],
    },
    logout: { args: ['logout'] },
    apiKey: null,
    isolation: ownFileEverywhere("demo-credentials.json in the account's directory"),
    selfTest: {
      files: [
        {
          path: 'demo-credentials.json',
          json: {
            accessToken: 'lanyard-self-test-{name}',
            email: '{name}@self-test.invalid',
            accountId: '{name}',
            organisationId: 'lanyard-self-test',
            organisation: 'Lanyard self-test',
            plan: 'none',
          },
        },
      ],
      args: ['status'],
      says: '{name}@self-test.invalid',
    },
    verified: 'built in',
  };
}
