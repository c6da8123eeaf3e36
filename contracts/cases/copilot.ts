import { createGitHubHosts } from '../../e2e/support/github-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const common = {
  provider: 'copilot',
  program: 'copilot',
  transport: 'pty',
  service: () => createGitHubHosts({ login: 'ada' }),
  identity: { login: 'ada', accountId: 'ada', issuer: 'https://github.com' },
  ownLogin: { '.copilot/config.json': '{"loggedInUsers":[{"login":"the person"}]}\n' },
  credential: 'config.json',
  // It unpacks itself there at its first start, and keeps what GitHub says of its users by a hash of the token.
  litter: /^\.cache\/copilot\//,
} as const satisfies Partial<ContractCase>;

const company = 'https://acme.ghe.com';

export const copilotCases: ContractCase[] = [
  {
    ...common,
    flow: 'device',
    person: 'enters-code',
    link: /^https:\/\/github\.com\/login\/device$/,
  },
  {
    ...common,
    flow: 'web',
    person: 'follows-link',
    link: /^https:\/\/github\.com\/login\/oauth\/authorize\?/,
  },
  {
    ...common,
    flow: 'web',
    person: 'pastes-address',
    thorough: true,
    link: /^https:\/\/github\.com\/login\/oauth\/authorize\?/,
  },
  ...(['device-host', 'web-host'] as const).map((flow): ContractCase => {
    const device = flow === 'device-host';
    return {
      ...common,
      flow,
      person: device ? 'enters-code' : 'follows-link',
      where: 'at a GitHub of their own',
      thorough: true,
      service: () => {
        const { web, devices } = createGitHubHosts({ login: 'ada' });
        return { hosts: { 'acme.ghe.com': web, 'api.acme.ghe.com': web }, devices };
      },
      parameters: { host: company },
      link: device
        ? /^https:\/\/acme\.ghe\.com\/login\/device$/
        : /^https:\/\/acme\.ghe\.com\/login\/oauth\/authorize\?/,
      identity: { login: 'ada', accountId: 'ada', issuer: company },
    };
  }),
];
