import { expect, it, onTestFinished } from 'vitest';
import { LanyardError } from '../failures.ts';
import type { AccountFinding } from './account-finding.ts';
import { AccountHealth, type LookReason } from './health.ts';
import { identitiesIn, MemoryStoreFile, temporaryDirectory } from './identities.fixture.ts';
import type { Account } from './model.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const ada = {
  email: 'ada@x.test',
  accountId: 'u1',
  organisationId: 'o1',
  organisation: 'Engines',
  plan: 'pro',
};
const grace = { ...ada, email: 'grace@x.test', accountId: 'u2' };

/** One look that has begun, to be answered by the test. */
interface Look {
  account: Account;
  reason: LookReason;
  signal: AbortSignal;
  answer: (finding: AccountFinding | null) => Promise<void>;
}

/** Everything that was promised so far has happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function house(people: (typeof ada)[] = [ada]) {
  const file = new MemoryStoreFile();
  const { identities, clock, changed } = identitiesIn(temporaryDirectory(), file);
  const accounts: string[] = [];
  const bundles: string[] = [];
  for (const person of people) {
    const saved = await identities.open('codex', true, null, 'auth-1').save(person);
    accounts.push(saved.accountId ?? '');
    bundles.push(saved.bundleId);
  }
  changed.length = 0;
  const looks: Look[] = [];
  const told: string[] = [];
  const tellings: (readonly string[])[] = [];
  const events: string[] = [];
  const health = new AccountHealth({
    identities,
    look: (account, reason, signal) =>
      new Promise((resolve) => {
        const answer = async (finding: AccountFinding | null) => {
          resolve(finding);
          await settled();
        };
        looks.push({ account, reason, signal, answer });
        signal.addEventListener('abort', () => resolve({ status: 'unknown' }));
      }),
    providerName: () => 'Codex',
    clock,
    random: () => 0.5,
    onChanged: (bundleIds) => {
      told.push(...bundleIds);
      tellings.push(bundleIds);
    },
    log: { info: (event) => events.push(event), error: (event) => events.push(event) },
  });
  onTestFinished(() => health.stop());
  /** The look that has begun and was not handed out yet. */
  const next = (): Look => {
    const look = looks.shift();
    if (!look) throw new Error('no look has begun');
    return look;
  };
  const account = (index = 0) => identities.account(accounts[index] ?? '');
  return { health, identities, clock, file, accounts, bundles, looks, next, told, tellings, events, account };
}

const valid: AccountFinding = { status: 'valid', identity: ada };

it('I-12: every account is looked at after the start, two at once, and again after a period', async () => {
  const { health, clock, looks, next } = await house([ada, ada, ada]);
  health.start();
  clock.advance(4 * second);
  expect(looks).toEqual([]);
  clock.advance(2 * second);
  expect(looks.map(({ reason }) => reason)).toEqual(['time', 'time']);
  await next().answer(valid);
  expect(looks).toHaveLength(1);
  // As long as the last one took, the machine belongs to others.
  clock.advance(second);
  expect(looks).toHaveLength(2);
  await next().answer(valid);
  await next().answer(valid);
  clock.advance(29 * minute);
  expect(looks).toEqual([]);
  clock.advance(2 * minute);
  expect(looks).toHaveLength(2);
});

it('I-12: after waking up, all are looked at', async () => {
  const { health, clock, looks } = await house();
  health.resumed();
  clock.advance(6 * second);
  expect(looks).toHaveLength(1);
});

it('I-12: what is found is saved once, told once per identity, and nothing is written when nothing changed', async () => {
  const { health, clock, file, next, told, account, accounts, bundles } = await house();
  const before = file.writes;
  const checked = health.check(accounts[0] ?? '');
  expect(health.note(account())).toEqual({ checking: true });
  await next().answer({ status: 'needs-sign-in', detail: 'Codex says that nobody is signed in.' });
  await checked;
  expect(account().status).toBe('needs-sign-in');
  expect(health.note(account())).toEqual({
    checkedAt: clock.now(),
    detail: 'Codex says that nobody is signed in.',
  });
  expect(file.writes).toBe(before + 1);
  expect(told).toEqual([bundles[0]]);

  const again = health.check(accounts[0] ?? '');
  await next().answer({ status: 'needs-sign-in', detail: 'Codex says that nobody is signed in.' });
  await again;
  expect(file.writes).toBe(before + 1);
});

it('I-12: findings that come together are one write, told at once', async () => {
  const { health, clock, file, next, bundles, tellings } = await house([ada, ada]);
  const before = file.writes;
  health.start();
  clock.advance(6 * second);
  await next().answer({ status: 'needs-sign-in' });
  await next().answer({ status: 'needs-sign-in' });
  expect(file.writes).toBe(before);
  clock.advance(2 * second);
  expect(file.writes).toBe(before + 1);
  expect(tellings).toEqual([bundles]);
});

it('I-12: whoever asks twice gets one answer', async () => {
  const { health, looks, next, accounts, account } = await house();
  const checks = Promise.all([health.check(accounts[0] ?? ''), health.check(accounts[0] ?? '')]);
  expect(looks).toHaveLength(1);
  await next().answer({ status: 'needs-sign-in' });
  await checks;
  expect(account().status).toBe('needs-sign-in');
  expect(looks).toEqual([]);
});

it('I-12: an answer is not older than the question: a look that runs already is followed by another', async () => {
  const { health, clock, looks, next, accounts, account } = await house();
  health.start();
  clock.advance(6 * second);
  const checks = Promise.all([health.check(accounts[0] ?? ''), health.check(accounts[0] ?? '')]);
  expect(health.note(account())).toEqual({ checking: true });
  expect(looks).toHaveLength(1);
  await next().answer(valid);
  expect(looks.map(({ reason }) => reason)).toEqual(['asked']);
  await next().answer({ status: 'needs-sign-in' });
  await checks;
  expect(account().status).toBe('needs-sign-in');
  expect(looks).toEqual([]);
});

it('I-12: a person who asks comes before what nobody waits for', async () => {
  const { health, clock, looks, next, accounts } = await house([ada, ada, ada, ada]);
  health.start();
  clock.advance(6 * second);
  const checked = health.check(accounts[3] ?? '');
  await next().answer(valid);
  expect(looks.map(({ account }) => account.id)).toEqual([accounts[1], accounts[3]]);
  await looks[1]?.answer(valid);
  await checked;
});

it('I-12: not knowing is a state of its own, is tried again soon, and unsays no sign-out', async () => {
  const { health, clock, looks, next, accounts, account } = await house();
  const checked = health.check(accounts[0] ?? '');
  await next().answer({ status: 'unknown', detail: 'offline' });
  await checked;
  expect(account().status).toBe('unknown');
  for (const wait of [2, 4, 8, 16, 30, 30]) {
    clock.advance(wait * minute - second);
    expect(looks).toEqual([]);
    clock.advance(2 * second);
    await next().answer({ status: 'unknown', detail: 'offline' });
    clock.advance(-second);
  }
  const signedOut = health.check(accounts[0] ?? '');
  await next().answer({ status: 'needs-sign-in' });
  await signedOut;
  const offline = health.check(accounts[0] ?? '');
  await next().answer({ status: 'unknown', detail: 'offline' });
  await offline;
  expect(account().status).toBe('needs-sign-in');
});

it('I-12: a known expiry is looked at just after it, however far away', async () => {
  const { health, clock, looks, next, accounts, account } = await house();
  const expiresAt = clock.now() + 40 * 24 * hour;
  const checked = health.check(accounts[0] ?? '');
  await next().answer({ ...valid, expiresAt, changesAt: expiresAt });
  await checked;
  expect(account()).toMatchObject({ status: 'valid', expiresAt });
  clock.advance(40 * 24 * hour);
  expect(looks).toEqual([]);
  clock.advance(second);
  await next().answer({ status: 'needs-sign-in', expiresAt });
  clock.advance(second);
  expect(account()).toMatchObject({ status: 'needs-sign-in', expiresAt });
});

it('I-12: a look from before a reconnect says nothing of the login after it', async () => {
  const { health, identities, clock, next, bundles, accounts, account } = await house();
  const checked = health.check(accounts[0] ?? '');
  clock.advance(second);
  await identities.open('codex', true, bundles[0] ?? '', 'auth-2').save(ada);
  await next().answer({ status: 'needs-sign-in', detail: 'old' });
  await checked;
  expect(account().status).toBe('valid');
  expect(health.note(account())).toEqual({});
});

it('I-12: an account that goes is not looked at any more, and its look is over before', async () => {
  const { health, identities, next, accounts } = await house();
  const checked = health.check(accounts[0] ?? '');
  const { signal } = next();
  await health.forget(accounts[0] ?? '');
  expect(signal.aborted).toBe(true);
  await checked;
  await identities.signOut(accounts[0] ?? '');
  await expect(health.check(accounts[0] ?? '')).rejects.toThrow('unknown_account');
});

it('I-12: a disk that is full loses nothing but the finding', async () => {
  const { health, file, next, events, accounts, account } = await house();
  file.fault = new Error('full');
  const checked = health.check(accounts[0] ?? '');
  await next().answer({ status: 'needs-sign-in' });
  await checked;
  expect(events).toContain('health.not_saved');
  expect(account().status).toBe('valid');
  file.fault = null;
  const again = health.check(accounts[0] ?? '');
  await next().answer({ status: 'needs-sign-in' });
  await again;
  expect(account().status).toBe('needs-sign-in');
});

it('I-12: nothing is looked at after the end', async () => {
  const { health, clock, looks, accounts } = await house();
  health.start();
  await health.stop();
  clock.advance(hour);
  await health.check(accounts[0] ?? '');
  expect(looks).toEqual([]);
});

it('I-16: somebody else is flagged with both names kept, until the right one is back', async () => {
  const { health, next, accounts, account } = await house();
  const look = async (identity: typeof ada) => {
    const checked = health.check(accounts[0] ?? '');
    await next().answer({ status: 'valid', identity });
    await checked;
  };
  await look(grace);
  expect(account()).toMatchObject({
    status: 'valid',
    context: ada,
    unexpected: grace,
    displayName: 'ada@x.test',
  });
  const offline = health.check(accounts[0] ?? '');
  await next().answer({ status: 'unknown' });
  await offline;
  expect(account().unexpected).toEqual(grace);
  await look(ada);
  expect(account().unexpected).toBeUndefined();
});

it('I-16: a renamed email is the same person, under the new name', async () => {
  const { health, next, accounts, account } = await house();
  const checked = health.check(accounts[0] ?? '');
  await next().answer({ status: 'valid', identity: { ...ada, email: 'lovelace@x.test', plan: 'team' } });
  await checked;
  expect(account().unexpected).toBeUndefined();
  expect(account()).toMatchObject({
    displayName: 'lovelace@x.test',
    context: { email: 'lovelace@x.test', plan: 'team' },
  });
});

it('I-11: while an account is taken away nobody looks at it, and again when that was refused', async () => {
  const { health, clock, looks, next, accounts } = await house();
  const id = accounts[0] ?? '';
  health.start();
  clock.advance(6 * second);
  const look = next();
  const release = await health.forget(id);
  expect(look.signal.aborted).toBe(true);
  // A round, a sign-in elsewhere, a person who asks: none of them starts a program in a directory that goes.
  clock.advance(hour);
  health.signedIn(id);
  await health.check(id);
  expect(looks).toEqual([]);
  release();
  clock.advance(hour);
  expect(looks).toHaveLength(1);
});

it('I-16: a person who is accepted is whose account it is', async () => {
  const { health, identities, next, accounts, account } = await house();
  expect(() => identities.acceptPerson(accounts[0] ?? '', 'whoever')).toThrow('nobody_to_accept');
  const checked = health.check(accounts[0] ?? '');
  await next().answer({ status: 'valid', identity: grace });
  await checked;
  // Somebody else was shown when the button was pressed.
  expect(() => identities.acceptPerson(accounts[0] ?? '', 'mallory@x.test')).toThrow('person_changed');
  expect(account().unexpected).toEqual(grace);
  identities.acceptPerson(accounts[0] ?? '', 'grace@x.test (Engines)');
  expect(account()).toMatchObject({ context: grace, displayName: 'grace@x.test' });
  expect(account().unexpected).toBeUndefined();
});

/** How a launch ended: the failure's code, or `launched`. */
async function launch(health: AccountHealth, accounts: string[]): Promise<string> {
  try {
    await health.beforeLaunch(accounts);
    return 'launched';
  } catch (error) {
    return error instanceof LanyardError ? error.failure.code : String(error);
  }
}

it('R-2 I-12: a launch looks first, and an account that needs a sign-in stops it', async () => {
  const { health, clock, next, accounts } = await house([ada, ada]);
  clock.advance(hour);
  const launched = launch(health, accounts);
  await next().answer(valid);
  await next().answer({ status: 'needs-sign-in' });
  expect(await launched).toBe('account_needs_sign_in');
});

it('R-2 I-12: a launch asks again only after some minutes', async () => {
  const { health, clock, looks, next, accounts } = await house();
  expect(await launch(health, accounts)).toBe('launched');
  clock.advance(4 * minute);
  const launched = launch(health, accounts);
  await next().answer(valid);
  expect(await launched).toBe('launched');
  clock.advance(2 * minute);
  expect(await launch(health, accounts)).toBe('launched');
  expect(looks).toEqual([]);
});

it('R-2 I-12: a launch waits two seconds at most, and not knowing is no failure', async () => {
  const { health, clock, next, accounts } = await house([ada, ada]);
  clock.advance(hour);
  const launched = launch(health, accounts);
  await next().answer({ status: 'unknown', detail: 'offline' });
  clock.advance(2 * second);
  expect(await launched).toBe('launched');
});

it('R-2 I-16: nothing is launched as somebody else', async () => {
  const { health, clock, next, accounts } = await house();
  clock.advance(hour);
  const refused = expect(health.beforeLaunch(accounts)).rejects.toMatchObject({
    failure: {
      code: 'unexpected_person',
      hint: expect.stringContaining('grace@x.test (Engines) instead of ada@x.test (Engines)'),
    },
  });
  await next().answer({ status: 'valid', identity: grace });
  await refused;
});
