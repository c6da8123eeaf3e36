import type { ContractCase } from '../contract-case.ts';
import { adaAtOpenAi, openAiDevicePage } from './openai.ts';

export const openclawCases: ContractCase[] = [
  {
    provider: 'openclaw',
    flow: 'openai-device',
    person: 'enters-code',
    program: 'openclaw',
    transport: 'pty',
    service: adaAtOpenAi,
    link: openAiDevicePage,
    // Its requests are Node's own, which take the proxy only when they are told to.
    environment: { NODE_USE_ENV_PROXY: '1' },
    identity: { email: 'ada@example.test' },
    // After it has signed in it looks for its plugins, which takes more than a minute where they are not to be had.
    timeoutSeconds: 240,
    ownLogin: { '.openclaw/openclaw.json': '{}\n' },
    credential: 'agents/main/agent/openclaw-agent.sqlite',
  },
];
