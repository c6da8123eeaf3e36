import { createOpenRouterHosts } from '../../e2e/support/openrouter-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const common = {
  provider: 'qwen',
  program: 'qwen',
  flow: 'openrouter',
  transport: 'pipe',
  service: createOpenRouterHosts,
  link: /^https:\/\/openrouter\.ai\/auth\?/,
  // A key says nothing of its owner.
  identity: {},
  ownLogin: { '.qwen/settings.json': '{"env":{"OPENROUTER_API_KEY":"the person\'s own"}}\n' },
  credential: 'settings.json',
} as const satisfies Partial<ContractCase>;

export const qwenCases: ContractCase[] = [
  { ...common, person: 'follows-link' },
  { ...common, person: 'pastes-address' },
];
