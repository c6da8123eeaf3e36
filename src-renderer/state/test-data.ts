import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { AccountView, BundleSummary, BundleView } from '../../src-preload/contract/bundles.ts';
import type { Install } from '../../src-preload/contract/programs.ts';
import type { ProviderView } from '../../src-preload/contract/providers.ts';

/** Plain values for tests, with only what a test cares about written in the test. */

type Common = Partial<
  Pick<SessionSnapshot, 'bundleId' | 'flowId' | 'providerId' | 'renewals' | 'browserOpened'>
>;
type Of<S extends SessionSnapshot['status']> = Extract<SessionSnapshot, { status: S }>;

const common = (sessionId: string) => ({
  sessionId,
  providerId: 'codex',
  flowId: 'browser',
  command: 'codex login',
  startedAt: 1_000,
  deadlineAt: 601_000,
  paste: 'none' as const,
  promptsForPaste: false,
  browserOpened: false,
  notices: [],
  untrustedLinks: [],
  renewals: 0,
});

export const pending = (sessionId: string, more: Common = {}): Of<'pending'> => ({
  ...common(sessionId),
  bundleId: null,
  phase: 'starting',
  status: 'pending',
  ...more,
});

export const withLink = (sessionId: string, more: Common = {}): Of<'url-available'> => ({
  ...pending(sessionId, more),
  phase: 'waiting',
  status: 'url-available',
  authUrl: 'https://auth.example/authorize',
  linkTrust: 'listed',
});

export const withCode = (sessionId: string, more: Common = {}): Of<'code-emitted'> => ({
  ...pending(sessionId, more),
  phase: 'waiting',
  status: 'code-emitted',
  deviceCode: 'WDJB-MJHT',
  verificationUrl: 'https://github.com/login/device',
  linkTrust: 'listed',
});

export const success = (sessionId: string): Of<'success'> => ({
  ...common(sessionId),
  phase: 'ended',
  status: 'success',
  bundleId: 'work',
  email: 'ada@acme.example',
});

export const failed = (sessionId: string, more: Common = {}): Of<'failed'> => ({
  ...pending(sessionId, more),
  phase: 'ended',
  status: 'failed',
  error: 'exited with code 1',
  failure: { code: 'cli_exited', title: 'The CLI stopped', hint: 'Read what it said.' },
});

export const bundle = (id: string, more: Partial<BundleView> = {}): BundleView => ({
  id,
  name: id,
  description: '',
  colour: '#0b6e6e',
  blank: false,
  createdAt: 0,
  updatedAt: 0,
  accounts: [],
  ...more,
});

export const summary = (id: string, more: Partial<BundleSummary> = {}): BundleSummary => {
  const { accounts, ...rest } = bundle(id);
  return { ...rest, accountCount: accounts.length, toRenew: 0, people: [], ...more };
};

export const account = (providerId: string, more: Partial<AccountView> = {}): AccountView => ({
  id: `account-${providerId}`,
  providerId,
  kind: 'oauth',
  displayName: providerId,
  status: 'valid',
  onThisMachine: false,
  createdAt: 0,
  updatedAt: 0,
  ...more,
});

export const provider = (
  id: string,
  program: ProviderView['program'] = { state: 'searching' },
): ProviderView => ({
  id,
  name: id === 'codex' ? 'Codex' : id,
  vendor: 'Vendor',
  mark: 'Xx',
  aliases: [],
  flows: [
    {
      id: 'browser',
      label: 'Browser',
      kind: 'browser',
      transport: 'pipe',
      verified: 'unverified',
      fits: true,
      needsProgram: true,
      parameters: [],
    },
  ],
  origin: 'built-in',
  program,
  verified: 'unverified',
  acceptsApiKey: false,
  issuer: false,
  proof: 'Its status command says so',
});

export const install = (status: Install['status'], more: Partial<Install> = {}): Install => ({
  providerId: 'codex',
  command: 'npm install',
  startedAt: 1_000,
  status,
  lines: [],
  dropped: 0,
  ...more,
});
