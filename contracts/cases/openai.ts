import { createOpenAiIssuer, openAiHosts } from '../../e2e/support/openai-issuer.ts';
import type { Service } from '../contract-case.ts';

/** Ada's ChatGPT account, which several CLIs sign in to. */
export function adaAtOpenAi(): Service {
  const issuer = createOpenAiIssuer({
    person: { email: 'ada@example.test', userId: 'user-ada', accountId: 'acct-ada', plan: 'plus' },
  });
  return { hosts: openAiHosts(issuer), devices: issuer.devices };
}

export const openAiLink = /^https:\/\/auth\.openai\.com\/oauth\/authorize\?/;
export const openAiDevicePage = /^https:\/\/auth\.openai\.com\/codex\/device$/;
