import { denied, expired, loginFailed, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type {
  FlowDefinition,
  ParameterDefinition,
  PatternDefinition,
  ProviderDefinition,
} from './definition.ts';
import { withoutProgram } from './without-program.ts';

const success = 'Successfully logged into Start URL';

const failures: PatternDefinition['failures'] = [
  {
    pattern:
      'Missing the following required SSO configuration|The config profile .* could not be found|requires a --profile',
    code: 'start_page_unknown',
    title: 'The AWS CLI does not know where your organisation signs in.',
    hint: 'Try again with the start URL and region of your organisation.',
  },
  {
    // What AWS says to an address of nobody's, or to one of another region.
    pattern: 'InvalidRequestException|InvalidRequestRegionException',
    code: 'start_page_refused',
    title: 'AWS does not know this start URL in this region.',
    hint: 'Compare both with what the access portal shows under "Access keys", then try again.',
  },
  {
    pattern: 'Unknown options: --use-device-code',
    code: 'program_too_old',
    title: 'This version of the AWS CLI is older than this sign-in.',
    hint: 'Update it to 2.22 or later, or choose "Device code (AWS CLI before 2.22)".',
  },
  denied('AccessDeniedException'),
  expired('ExpiredTokenException'),
  unreachable('The AWS CLI', 'AWS'),
  loginFailed('The AWS CLI', 'An error occurred|^Error'),
];

/** Everything that the AWS CLI's own `aws configure sso` asks, except what it can look up after the sign-in. */
const parameters: ParameterDefinition[] = [
  {
    id: 'startUrl',
    label: 'SSO start URL',
    hint: 'The access portal shows all four under "Access keys".',
    example: 'https://acme.awsapps.com/start',
    accepts: '[^#?]+',
    required: true,
    kind: 'url',
  },
  {
    id: 'ssoRegion',
    label: 'SSO region',
    example: 'eu-central-1',
    accepts: '[a-z]{2,4}(?:-[a-z]+)+-\\d{1,2}',
    required: true,
    kind: 'text',
  },
  {
    id: 'accountId',
    label: 'AWS account id',
    example: '123456789012',
    accepts: '\\d{12}',
    required: true,
    kind: 'text',
  },
  {
    id: 'roleName',
    label: 'Role name',
    example: 'PowerUserAccess',
    accepts: '[A-Za-z0-9+=,.@_-]{1,64}',
    required: true,
    kind: 'text',
  },
];

/** Sessions pick their own account and role: only programs that run as the account itself need one. */
const parametersWithoutProgram: ParameterDefinition[] = parameters.map((parameter) => {
  switch (parameter.id) {
    case 'startUrl':
      return { ...parameter, hint: 'The access portal shows it, and the region, under "Access keys".' };
    case 'accountId':
      return {
        ...parameter,
        hint: 'With a role, for the AWS CLI alone: sessions choose their own.',
        required: false,
      };
    case 'roleName':
      return { ...parameter, required: false };
    default:
      return parameter;
  }
});

/** The session's name is in the name of its cached token's file, and is nothing that a person sees. */
const config = `[default]
sso_session = lanyard
sso_account_id = {param:accountId}
sso_role_name = {param:roleName}
region = {param:ssoRegion}

[sso-session lanyard]
sso_start_url = {param:startUrl}
sso_region = {param:ssoRegion}
sso_registration_scopes = sso:account:access
`;

const common = {
  transport: 'pipe',
  answers: [],
  opens: 'printed',
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

/** It prints two links, the second with the code in it. */
const device = {
  ...common,
  kind: 'device-code',
  paste: { kind: 'none' },
  patterns: {
    link: 'visit the following URL',
    codeAnchor: 'enter the code',
    success,
    failures,
  },
  codeLifetimeSeconds: 600,
} as const satisfies Partial<FlowDefinition>;

export const aws: ProviderDefinition = {
  id: 'aws',
  name: 'AWS IAM Identity Center',
  vendor: 'Amazon',
  mark: 'Aw',
  aliases: ['aws-sso', 'amazon'],
  program: {
    names: ['aws'],
    args: [],
    installCommand: null,
    installCommandOn: {
      linux: 'sudo snap install aws-cli --classic',
      macos: 'brew install awscli',
      windows: 'winget install --id Amazon.AWSCLI',
    },
    version: { args: ['--version'] },
  },
  // The cache of sign-ins is ~/.aws/sso/cache, and no variable of the CLI's own moves it.
  configDir: { variable: 'HOME', usual: '.', seed: [{ path: '.aws/config', text: config }] },
  environment: {
    set: {
      // The same on Windows.
      USERPROFILE: '{dir}',
      AWS_CONFIG_FILE: '{dir}/.aws/config',
      AWS_SHARED_CREDENTIALS_FILE: '{dir}/.aws/credentials',
      // A machine of Amazon's own has credentials that would pass for a sign-in.
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    },
    unset: [
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_ROLE_ARN',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    ],
    leads: ['AWS_ACCESS_KEY_ID'],
  },
  allowedHosts: ['awsapps.com', 'amazonaws.com', 'app.aws', 'aws.amazon.com', '{param:startUrl}'],
  flows: [
    {
      ...device,
      answers: [],
      parameters,
      id: 'device',
      label: 'Device code',
      args: ['sso', 'login', '--no-browser', '--use-device-code'],
      verified: 'unverified',
      needs: '>=2.22.0',
    },
    {
      ...device,
      answers: [],
      parameters,
      id: 'device-before-2.22',
      label: 'Device code (AWS CLI before 2.22)',
      args: ['sso', 'login', '--no-browser'],
      needs: '<2.22.0',
    },
    {
      ...common,
      answers: [],
      parameters,
      id: 'browser',
      label: 'Browser (AWS CLI 2.22 or later)',
      kind: 'browser',
      args: ['sso', 'login', '--no-browser'],
      paste: { kind: 'callback' },
      patterns: { link: 'visit the following URL|open the following URL', success, failures },
      verified: 'unverified',
      needs: '>=2.22.0',
    },
    {
      ...withoutProgram(),
      by: 'identity-center',
      parameters: parametersWithoutProgram,
      id: 'identity-center',
      label: 'Device code (without the AWS CLI)',
      kind: 'device-code',
      verified: 'built in',
    },
  ],
  proof: { kind: 'status-command', args: ['sts', 'get-caller-identity', '--output', 'json'] },
  // Asking who it is renews the sign-in and makes credentials of the role.
  health: {
    ask: 'files',
    credentials: [
      {
        path: '.aws/sso/cache/*.json',
        field: 'accessToken',
        expires: { field: 'expiresAt', unit: 'iso' },
        refreshable: 'refreshToken',
      },
    ],
  },
  identity: { from: { kind: 'status-json' }, login: 'Arn', accountId: 'Arn', organisationId: 'Account' },
  logout: { args: ['sso', 'logout'], withoutProgram: 'identity-center' },
  apiKey: null,
  isolation: ownFileEverywhere(
    ".aws/sso/cache in the account's directory, which is the program's home directory",
  ),
  // A sign-in leaves a token, and its first use the role's credentials beside it, which the program gives out without
  // asking AWS again while they last. Its logout removes both, and tells AWS only of a token with a region.
  selfTest: {
    files: [
      {
        path: '.aws/config',
        text: '[default]\nsso_session = lanyard\nsso_account_id = 000000000000\nsso_role_name = SelfTest\nregion = us-east-1\n\n[sso-session lanyard]\nsso_start_url = https://self-test.invalid/start\nsso_region = us-east-1\n',
      },
      {
        // The digest of the session's name.
        path: '.aws/sso/cache/8556071e774f59b39fc657bf2dbfbf98a264e4f0.json',
        json: {
          accessToken: 'lanyard-self-test-{name}',
          expiresAt: '2100-01-01T00:00:00Z',
          startUrl: 'https://self-test.invalid/start',
        },
      },
      {
        // That of account, role and session.
        path: '.aws/cli/cache/0af6acb5996838d1b1643792808377cae0238b38.json',
        json: {
          ProviderType: 'sso',
          Credentials: {
            AccessKeyId: 'lanyard-self-test-{name}',
            SecretAccessKey: 'lanyard-self-test',
            SessionToken: 'lanyard-self-test',
            Expiration: '2100-01-01T00:00:00Z',
          },
        },
      },
    ],
    args: ['configure', 'export-credentials'],
    says: 'lanyard-self-test-{name}',
  },
  verified: '2.9.19',
};
