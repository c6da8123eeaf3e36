import type { ContractCase } from '../contract-case.ts';
import { adaAtOpenAi, openAiDevicePage } from './openai.ts';

/** Its other way, GitHub Copilot, asks GitHub past every proxy: nothing here could answer it. */
export const openclawCases: ContractCase[] = [
  {
    provider: 'openclaw',
    flow: 'openai-device',
    person: 'enters-code',
    program: 'openclaw',
    transport: 'pty',
    service: adaAtOpenAi,
    link: openAiDevicePage,
    identity: { email: 'ada@example.test' },
    ownLogin: {
      '.openclaw/openclaw.json': '{}\n',
      // After it has signed in it asks npm for a plugin, which is not to be had here.
      '.npmrc': 'fetch-retries=0\n',
    },
    credential: 'state/openclaw.sqlite',
    litter: /^\.npm\//,
  },
];
