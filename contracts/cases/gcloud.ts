import { createGoogleHosts } from '../../e2e/support/google-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const common = {
  provider: 'gcloud',
  program: 'gcloud',
  transport: 'pipe',
  service: () => createGoogleHosts({ email: 'ada@example.test' }),
  link: /^https:\/\/accounts\.google\.com\/o\/oauth2\/auth\?/,
  identity: { email: 'ada@example.test' },
  ownLogin: {
    '.config/gcloud/active_config': 'default',
    '.config/gcloud/configurations/config_default': '[core]\naccount = person@example.test\n',
    '.config/gcloud/credentials.db': 'not for anybody else to open',
  },
  credential: 'credentials.db',
  status: {
    args: ['auth', 'list', '--format=json'],
    signedIn: { exitCode: 0, text: /"account": "ada@example\.test",\s+"status": "ACTIVE"/ },
    signedOut: { exitCode: 0, text: /^\[\]\s*$/ },
  },
  revokes: '/revoke',
} as const satisfies Partial<ContractCase>;

export const geminiVertexCases: ContractCase[] = [
  {
    provider: 'gemini-vertex',
    flow: 'paste',
    person: 'pastes-code',
    program: 'gcloud',
    transport: 'pipe',
    service: common.service,
    parameters: { project: 'acme-gemini-42', location: 'europe-west4' },
    link: common.link,
    identity: {},
    ownLogin: { ...common.ownLogin, '.config/gcloud/application_default_credentials.json': '{}\n' },
    credential: 'application_default_credentials.json',
  },
];

export const gcloudCases: ContractCase[] = [
  { ...common, flow: 'paste', person: 'pastes-code' },
  // It opens a browser, and waits on port 8085, only where there is a display; no window is ever opened on it.
  { ...common, flow: 'browser', person: 'follows-link', environment: { DISPLAY: ':99' } },
  { ...common, flow: 'browser', person: 'pastes-address', environment: { DISPLAY: ':99' } },
];
