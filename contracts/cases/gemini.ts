import { createGoogleHosts } from '../../e2e/support/google-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const common = {
  provider: 'gemini',
  person: 'pastes-code',
  program: 'gemini',
  transport: 'pty',
  service: () => createGoogleHosts({ email: 'ada@example.test' }),
  link: /^https:\/\/accounts\.google\.com\/o\/oauth2\/v2\/auth\?/,
  identity: { email: 'ada@example.test', accountId: '1', issuer: 'https://accounts.google.com' },
  ownLogin: {
    '.gemini/oauth_creds.json': '{"refresh_token":"the person\'s own"}\n',
    '.gemini/settings.json': '{"security":{"auth":{"selectedType":"oauth-personal"}}}\n',
  },
  credential: '.gemini/oauth_creds.json',
} as const satisfies Partial<ContractCase>;

export const geminiCases: ContractCase[] = [
  { ...common, flow: 'browser' },
  {
    ...common,
    flow: 'browser-project',
    where: 'with a project',
    thorough: true,
    parameters: { project: 'acme-gemini-42' },
  },
];
