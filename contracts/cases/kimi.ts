import { createKimiHosts } from '../../e2e/support/kimi-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const common = {
  provider: 'kimi',
  program: 'kimi',
  person: 'enters-code',
  transport: 'pipe',
  identity: {},
  ownLogin: { '.kimi-code/credentials/kimi-code.json': '{"access_token":"the person\'s own"}\n' },
  credential: 'credentials',
} as const satisfies Partial<ContractCase>;

export const kimiCases: ContractCase[] = [
  {
    ...common,
    flow: 'device',
    service: () => createKimiHosts('kimi.com'),
    link: /^https:\/\/www\.kimi\.com\/code\/authorize_device/,
  },
  {
    ...common,
    flow: 'device-global',
    service: () => createKimiHosts('kimi.ai'),
    link: /^https:\/\/www\.kimi\.ai\/code\/authorize_device/,
  },
];
