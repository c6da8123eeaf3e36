import { createOpenAiIssuer, openAiHosts } from '../../e2e/support/openai-issuer.ts';
import type { ContractCase, Service } from '../contract-case.ts';

function service(): Service {
  const issuer = createOpenAiIssuer({
    person: { email: 'ada@example.test', userId: 'user-ada', accountId: 'acct-ada', plan: 'plus' },
  });
  return { hosts: openAiHosts(issuer), devices: issuer.devices };
}

const common = {
  provider: 'codex',
  program: 'codex',
  transport: 'pipe',
  service,
  link: /^https:\/\/auth\.openai\.com\/oauth\/authorize\?/,
  identity: {
    email: 'ada@example.test',
    accountId: 'user-ada',
    organisationId: 'acct-ada',
    plan: 'plus',
  },
  ownLogin: { '.codex/auth.json': '{"OPENAI_API_KEY":"the person\'s own","tokens":null}\n' },
  credential: 'auth.json',
  status: {
    args: ['login', 'status'],
    signedIn: { exitCode: 0, text: /Logged in using ChatGPT/ },
    signedOut: { exitCode: 1, text: /Not logged in/ },
  },
  revokes: '/oauth/revoke',
} as const satisfies Partial<ContractCase>;

/** Both browser cases wait on port 1455. */
export const codexCases: ContractCase[] = [
  { ...common, flow: 'browser', person: 'follows-link' },
  { ...common, flow: 'browser', person: 'pastes-address' },
  {
    ...common,
    flow: 'device',
    person: 'enters-code',
    link: /^https:\/\/auth\.openai\.com\/codex\/device$/,
  },
];
