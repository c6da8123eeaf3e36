import { describe, expect, it } from 'vitest';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { LoginsToRemove } from '../identities/account-removal.ts';
import type { Account, Bundle } from '../identities/model.ts';
import type { Holder } from '../process/environment-holders.ts';
import { AccountUsers } from './account-users.ts';

const bundle = (id: string, name: string): Bundle => ({
  id,
  name,
  description: '',
  colour: '#0b6e6e',
  createdAt: 0,
  updatedAt: 0,
});
const work = bundle('work', 'Work\n2');
const account: Account = {
  id: 'a',
  name: 'codex-oauth',
  provider: 'codex',
  kind: 'oauth',
  displayName: 'ada',
  secretRef: { kind: 'oauth-config-dir', dir: '/data/a/1' },
  context: {},
  status: 'valid',
  createdAt: 0,
  updatedAt: 0,
};
const session = (sessionId: string, providerId: string, bundleId: string, status = 'pending') =>
  ({ sessionId, providerId, bundleId, status }) as SessionSnapshot;

/** Sign-ins of Codex and Claude into Work, of Codex into Home, and one into Work that has ended. */
function scene(holders: Holder[] | null = []) {
  const cancelled: string[] = [];
  const revoked: string[] = [];
  const sought: unknown[] = [];
  const users = new AccountUsers({
    sessions: () => [
      session('s1', 'codex', 'work'),
      session('s2', 'claude', 'work'),
      session('s3', 'codex', 'home'),
      session('s4', 'codex', 'work', 'failed'),
    ],
    cancel: (sessionId) => cancelled.push(sessionId),
    cloudSessions: () => [
      { id: 'c1', bundleId: 'work', accountId: 'b', principal: 'deploy', running: 2 },
      { id: 'c2', bundleId: 'home', accountId: 'a', principal: 'agent', running: 0 },
      { id: 'c3', bundleId: 'home', accountId: 'b', principal: 'other', running: 1 },
      { id: 'c4', bundleId: 'blank', principal: 'of the machine', running: 0 },
    ],
    revoke: async (id) => revoked.push(id),
    keptForTools: (id) => (id === 'work' ? 3 : 9),
    holders: async (what) => {
      sought.push(what);
      return holders;
    },
  });
  return { users, cancelled, revoked, sought };
}

const removed = [{ account, usedBy: [work], steps: ['directory' as const] }];
const ofBundle: LoginsToRemove = { bundle: work, removed, kept: [], directories: ['/data/a/1'] };
const ofAccount: LoginsToRemove = { ...ofBundle, bundle: null };

describe('what uses accounts that are to go', () => {
  it('I-11: all sign-ins into a bundle, and who was started as it or with its accounts', async () => {
    const { users, cancelled, revoked, sought } = scene([{ pid: 7, name: 'zsh' }]);
    expect(await users.of(ofBundle)).toEqual({
      signIns: [{ providerId: 'codex' }, { providerId: 'claude' }],
      cloudSessions: [
        { principal: 'deploy', running: 2 },
        { principal: 'agent', running: 0 },
      ],
      keptForTools: 3,
      processes: { known: true, list: [{ pid: 7, name: 'zsh' }] },
    });
    expect(sought).toEqual([{ directories: ['/data/a/1'], variables: ['LANYARD_BUNDLE=Work 2'] }]);
    await users.end(ofBundle);
    expect([cancelled, revoked]).toEqual([
      ['s1', 's2'],
      ['c1', 'c2'],
    ]);
  });

  it('I-11: of an account, the sign-ins that would bring it back', async () => {
    const { users, cancelled, revoked, sought } = scene();
    expect(await users.of(ofAccount)).toMatchObject({
      signIns: [{ providerId: 'codex' }],
      cloudSessions: [{ principal: 'agent', running: 0 }],
      keptForTools: 0,
    });
    expect(sought).toEqual([{ directories: ['/data/a/1'], variables: [] }]);
    await users.end(ofAccount);
    expect([cancelled, revoked]).toEqual([['s1'], ['c2']]);
  });

  it('I-11: not known is said, not passed off as nobody', async () => {
    expect((await scene(null).users.of(ofBundle)).processes).toEqual({ known: false, list: [] });
  });
});
