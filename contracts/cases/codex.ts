import type { ContractCase } from '../contract-case.ts';
import { adaAtOpenAi, openAiDevicePage, openAiLink } from './openai.ts';

const common = {
  provider: 'codex',
  program: 'codex',
  transport: 'pipe',
  service: adaAtOpenAi,
  link: openAiLink,
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

export const codexCases: ContractCase[] = [
  { ...common, flow: 'browser', person: 'follows-link' },
  { ...common, flow: 'browser', person: 'pastes-address' },
  { ...common, flow: 'device', person: 'enters-code', link: openAiDevicePage },
];
