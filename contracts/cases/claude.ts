import { createClaudeHosts } from '../../e2e/support/claude-hosts.ts';
import type { ContractCase } from '../contract-case.ts';

const common = {
  provider: 'claude',
  program: 'claude',
  transport: 'pipe',
  service: () =>
    createClaudeHosts({
      person: {
        email: 'ada@example.test',
        organisationId: '00000000-0000-4000-8000-00000000000a',
        organisation: 'Analytical',
      },
    }),
  identity: {
    email: 'ada@example.test',
    accountId: '00000000-0000-4000-8000-000000000001',
    organisationId: '00000000-0000-4000-8000-00000000000a',
    organisation: 'Analytical',
    plan: 'pro',
  },
  ownLogin: {
    '.claude/.credentials.json': '{"claudeAiOauth":{"accessToken":"the person\'s own"}}\n',
    '.claude.json': '{"userID":"the person\'s own"}\n',
  },
  credential: '.credentials.json',
  status: {
    args: ['auth', 'status'],
    signedIn: { exitCode: 0, text: /"loggedIn": true/ },
    signedOut: { exitCode: 1, text: /"loggedIn": false/ },
  },
} as const satisfies Partial<ContractCase>;

const claudeAi = /^https:\/\/claude\.com\/cai\/oauth\/authorize\?/;

export const claudeCases: ContractCase[] = [
  // The page shows a code.
  { ...common, flow: 'browser', person: 'pastes-code', link: claudeAi },
  // The link that the CLI hands to the browser comes back to it by itself.
  { ...common, flow: 'browser', person: 'follows-link', link: claudeAi },
  {
    ...common,
    flow: 'console',
    person: 'pastes-code',
    link: /^https:\/\/platform\.claude\.com\/oauth\/authorize\?/,
  },
  {
    ...common,
    flow: 'sso',
    person: 'pastes-code',
    thorough: true,
    link: /^https:\/\/claude\.com\/cai\/oauth\/authorize\?.*sso/,
  },
  {
    ...common,
    flow: 'setup-token',
    person: 'pastes-code',
    transport: 'pty',
    link: claudeAi,
    // The token is all there is of it: nobody says whose it is, and no directory knows of it.
    identity: {},
    credential: { keychain: true },
    status: undefined,
  },
];
