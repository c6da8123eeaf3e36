import { createMicrosoftHosts } from '../../e2e/support/microsoft-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const tenantId = '11111111-2222-3333-4444-555555555555';

const common = {
  provider: 'azure',
  program: 'az',
  transport: 'pipe',
  service: () => createMicrosoftHosts({ name: 'ada@example.test', tenantId, tenant: 'Analytical' }),
  identity: { email: 'ada@example.test', organisationId: tenantId, organisation: 'Analytical' },
  ownLogin: {
    '.azure/azureProfile.json': '{"subscriptions":[]}\n',
    '.azure/msal_token_cache.json': '{"RefreshToken":{}}\n',
  },
  credential: 'msal_token_cache.json',
  status: {
    args: ['account', 'show', '--output', 'json'],
    signedIn: { exitCode: 0, text: /"name": "ada@example\.test"/ },
    signedOut: { exitCode: 1, text: /Please run 'az login'/ },
  },
} as const satisfies Partial<ContractCase>;

const code = { person: 'enters-code', link: /^https:\/\/microsoft\.com\/devicelogin$/ } as const;

const browser = {
  person: 'follows-link',
  // Without a display it asks for a device code instead.
  environment: { DISPLAY: ':99' },
  link: /^https:\/\/login\.microsoftonline\.com\/[\w-]+\/oauth2\/v2\.0\/authorize\?/,
} as const;

const inTenant = {
  where: 'in a tenant of theirs',
  parameters: { tenant: tenantId },
  // It does not ask for the tenant's name then.
  identity: { email: 'ada@example.test', organisationId: tenantId },
} as const;

export const azureCases: ContractCase[] = [
  { ...common, ...code, flow: 'device' },
  { ...common, ...browser, flow: 'browser' },
  { ...common, ...code, ...inTenant, flow: 'device-tenant' },
  { ...common, ...browser, ...inTenant, flow: 'browser-tenant' },
];
