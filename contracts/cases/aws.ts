import { lt } from 'semver';
import { createAwsHosts } from '../../e2e/support/aws-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const acme = {
  startUrl: 'https://acme.awsapps.com/start',
  region: 'eu-central-1',
  accountId: '123456789012',
  roleName: 'Developer',
  person: 'ada',
};

const common = {
  provider: 'aws',
  program: 'aws',
  person: 'enters-code',
  transport: 'pipe',
  service: () => createAwsHosts(acme),
  parameters: {
    startUrl: acme.startUrl,
    ssoRegion: acme.region,
    accountId: acme.accountId,
    roleName: acme.roleName,
  },
  link: /^https:\/\/acme\.awsapps\.com\/start\/#\/device/,
  identity: {
    login: 'arn:aws:sts::123456789012:assumed-role/Developer/ada',
    accountId: 'arn:aws:sts::123456789012:assumed-role/Developer/ada',
    organisationId: '123456789012',
  },
  ownLogin: {
    '.aws/config': '[default]\nregion = us-east-1\n',
    '.aws/credentials': '[default]\naws_access_key_id = AKIAPERSON\naws_secret_access_key = their-own\n',
    '.aws/sso/cache/token.json': '{"accessToken":"the person\'s own"}\n',
  },
  credential: '.aws/sso/cache',
  status: {
    args: ['sts', 'get-caller-identity'],
    signedIn: { exitCode: 0, text: /assumed-role\/Developer\/ada/ },
    signedOut: { exitCode: 255, text: /Error loading SSO Token/ },
  },
  revokes: '/logout',
} as const satisfies Partial<ContractCase>;

export const awsCases: ContractCase[] = [
  {
    ...common,
    flow: 'device',
    unfit: (version) => (lt(version, '2.22.0') ? 'needs AWS CLI 2.22 or later' : null),
  },
  {
    ...common,
    flow: 'device-before-2.22',
    unfit: (version) => (lt(version, '2.22.0') ? null : 'needs AWS CLI before 2.22'),
  },
  // Lanyard signs in; the CLI uses that sign-in, and signs out.
  { ...common, flow: 'identity-center' },
];
