import { createGitHubHosts } from '../../e2e/support/github-hosts.ts';
import type { ContractCase } from '../contract-case.ts';
import { adaAtOpenAi, openAiDevicePage, openAiLink } from './openai.ts';

const common = {
  provider: 'opencode',
  program: 'opencode',
  transport: 'pty',
  ownLogin: { '.local/share/opencode/auth.json': '{"openai":{"type":"api","key":"the person\'s own"}}\n' },
  credential: 'opencode/auth.json',
  status: {
    args: ['auth', 'list'],
    signedIn: { exitCode: 0, text: /1 credential/ },
  },
} as const satisfies Partial<ContractCase>;

const openAi = {
  ...common,
  service: adaAtOpenAi,
  identity: {
    email: 'ada@example.test',
    accountId: 'user-ada',
    organisationId: 'acct-ada',
    plan: 'plus',
  },
} as const satisfies Partial<ContractCase>;

export const opencodeCases: ContractCase[] = [
  {
    ...common,
    flow: 'copilot',
    person: 'enters-code',
    service: () => createGitHubHosts({ login: 'ada' }),
    link: /^https:\/\/github\.com\/login\/device$/,
    identity: {},
  },
  { ...openAi, flow: 'openai', person: 'follows-link', link: openAiLink },
  { ...openAi, flow: 'openai-device', person: 'enters-code', link: openAiDevicePage },
];
