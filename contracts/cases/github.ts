import { lt } from 'semver';
import { createGitHubHosts } from '../../e2e/support/github-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const common = {
  provider: 'github',
  program: 'gh',
  person: 'enters-code',
  transport: 'pipe',
  service: () => createGitHubHosts({ login: 'ada' }),
  link: /^https:\/\/github\.com\/login\/device$/,
  identity: { login: 'ada', accountId: 'ada' },
  ownLogin: {
    '.config/gh/hosts.yml':
      'github.com:\n    user: the-person\n    oauth_token: their-own\n    git_protocol: ssh\n',
    '.config/gh/config.yml': 'git_protocol: ssh\n',
  },
  credential: 'hosts.yml',
  status: {
    args: ['auth', 'status'],
    signedIn: { exitCode: 0, text: /Logged in to github\.com as ada|account ada/ },
    signedOut: { exitCode: 1, text: /not logged into any GitHub hosts/ },
  },
} as const satisfies Partial<ContractCase>;

const enterprise = {
  ...common,
  where: 'at GitHub Enterprise',
  service: () => {
    const { web, devices } = createGitHubHosts({ login: 'ada' });
    return { hosts: { 'ghe.acme.example': web }, devices };
  },
  parameters: { host: 'ghe.acme.example' },
  link: /^https:\/\/ghe\.acme\.example\/login\/device$/,
  status: {
    ...common.status,
    signedIn: { exitCode: 0, text: /Logged in to ghe\.acme\.example as ada|account ada/ },
  },
} as const satisfies Partial<ContractCase>;

const newer = (version: string) => (lt(version, '2.26.0') ? 'needs gh 2.26 or later' : null);
const older = (version: string) => (lt(version, '2.26.0') ? null : 'needs gh before 2.26');

export const githubCases: ContractCase[] = [
  { ...common, flow: 'device', unfit: newer },
  { ...common, flow: 'device-before-2.26', unfit: older },
  { ...enterprise, flow: 'device-host', unfit: newer },
  { ...enterprise, flow: 'device-host-before-2.26', unfit: older },
];
