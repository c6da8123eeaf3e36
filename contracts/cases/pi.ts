import { createClaudeHosts } from '../../e2e/support/claude-hosts.ts';
import { createGitHubHosts } from '../../e2e/support/github-hosts.ts';
import type { ContractCase } from '../contract-case.ts';
import { adaAtOpenAi, openAiLink } from './openai.ts';

const common = {
  provider: 'pi',
  program: 'pi',
  transport: 'pty',
  identity: {},
  ownLogin: { '.pi/agent/auth.json': '{"anthropic":{"type":"api_key","key":"the person\'s own"}}\n' },
  credential: 'auth.json',
} as const satisfies Partial<ContractCase>;

const models = (name: string) => ({
  args: ['--offline', '--list-models'],
  signedIn: { exitCode: 0, text: new RegExp(`^${name} `, 'm') },
});

export const piCases: ContractCase[] = [
  {
    ...common,
    flow: 'claude',
    person: 'follows-link',
    service: () => createClaudeHosts(),
    link: /^https:\/\/claude\.ai\/oauth\/authorize\?/,
    status: models('anthropic'),
  },
  {
    ...common,
    flow: 'openai',
    person: 'follows-link',
    service: adaAtOpenAi,
    link: openAiLink,
    identity: { email: 'ada@example.test', organisationId: 'acct-ada' },
    status: models('openai-codex'),
  },
  {
    ...common,
    flow: 'copilot',
    person: 'enters-code',
    service: () => createGitHubHosts({ login: 'ada' }),
    link: /^https:\/\/github\.com\/login\/device$/,
    status: models('github-copilot'),
  },
];
