import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Fault, type FaultOptions, faultProvider } from '../../../e2e/support/fault-providers.ts';
import type { SessionSnapshot } from '../../../src-preload/contract/auth.ts';
import type { SignInEvent } from '../../broker/method.ts';
import { bundleEnvironment } from '../../launch/bundle-environment.ts';
import { processStartTime } from '../../process/kill-tree.ts';
import { OpenerShim } from '../../process/opener-shim.ts';
import type { FlowDefinition } from '../../providers/definition.ts';
import { type HouseOptions, SignInHouse } from './sign-in-house.fixture.ts';

const farewellMs = 2_000;
const settleMs = 1_000;
const proofPollMs = 300;
const enterDelayMs = 500;

const house = (options?: HouseOptions) => new SignInHouse(options);
const phase = (wanted: SessionSnapshot['phase']) => (snapshot: SessionSnapshot) => snapshot.phase === wanted;
const isAlive = async (pid: number) => (await processStartTime(pid)) !== null;

const takesCode: Partial<FlowDefinition> = {
  paste: { kind: 'code', accepts: '[a-z-]+', example: 'good-code', enterSeparately: false, join: 'code' },
  patterns: {
    prompt: 'Paste code here > $',
    success: '^Logged in',
    rejected: 'Invalid code.*',
    failures: [],
  },
};
const bothTransports = ['pipe', 'pty'] as const;

function fault(place: SignInHouse, name: Fault, options: FaultOptions = {}): string {
  return place.connect(place.provider(faultProvider(name, options)));
}

describe.skipIf(process.platform === 'win32')('signing in through a CLI (scripts for sh)', () => {
  describe('success', () => {
    it('S-5: a success line that the check does not confirm ends nothing; the exit that it confirms does', async () => {
      const place = house();
      const door = place.gate('door');
      const id = place.start(`echo 'Logged in as ada@acme.test'; read -r _ < '${door.path}'; signed_in`);
      await place.clock.armed(farewellMs);
      place.clock.advance(farewellMs);
      await place.until(id, phase('checking'));
      await place.until(id, phase('waiting'));
      expect(place.broker.poll(id).status).toBe('pending');
      expect(place.storeFile.writes).toBe(0);
      await door.open();
      expect(await place.end(id)).toMatchObject({ status: 'success', email: 'ada@acme.test' });
      expect(place.identities.store.state.accounts).toMatchObject([{ displayName: 'ada@acme.test' }]);
      expect(place.accountFiles().filter((file) => file.endsWith('.pending'))).toEqual([]);
    });

    it('S-5: a second success line is checked when the first was too early', async () => {
      const place = house();
      const door = place.gate('door');
      const id = place.start(
        `echo 'Logged in as nobody'; read -r _ < '${door.path}'; signed_in; echo 'Logged in as ada@acme.test'; exec sleep 900`,
      );
      await place.clock.armed(farewellMs);
      place.clock.advance(farewellMs);
      await place.until(id, phase('checking'));
      await place.until(id, phase('waiting'));
      await door.open();
      await place.clock.armed(farewellMs);
      place.clock.advance(farewellMs);
      expect(await place.end(id)).toMatchObject({ status: 'success' });
    });

    it('S-5: exit code 0 alone is no success', async () => {
      const place = house();
      expect((await place.end(fault(place, 'exits-0-signed-out'))).code).toBe('check_says_signed_out');
      expect(place.accountFiles()).toEqual([]);
      expect(place.storeFile.writes).toBe(0);
    });

    it('S-5: a program that says "signed in" and stays is ended before the account is saved', async () => {
      const place = house();
      let pid = 0;
      place.onSpawn = (child) => {
        pid = child.pid;
      };
      const id = place.start("signed_in; echo 'Logged in as ada@acme.test'; exec sleep 900");
      await place.clock.armed(farewellMs);
      place.clock.advance(farewellMs);
      await place.until(id, phase('saving'));
      expect(await place.end(id)).toMatchObject({ status: 'success' });
      expect(await isAlive(pid)).toBe(false);
    });

    it('S-5: saving that fails fails the session, and nothing is left', async () => {
      const place = house();
      place.storeFile.fault = Object.assign(new Error('full'), { code: 'ENOSPC' });
      expect((await place.end(place.start('signed_in'))).code).toBe('could_not_save');
      expect(place.accountFiles()).toEqual([]);
    });

    it.each(bothTransports)(
      'S-12: a success line right before the exit saves once (%s)',
      async (transport) => {
        const place = house();
        const id = place.start("signed_in; echo 'Logged in as ada@acme.test'", { flow: { transport } });
        expect(await place.end(id)).toMatchObject({ status: 'success', email: 'ada@acme.test' });
        expect(place.storeFile.writes).toBe(1);
        place.clock.advance(farewellMs);
        expect(place.snapshots.filter(({ status }) => status === 'success')).toHaveLength(1);
      },
    );

    it('what a program leaves running in its group is ended with it', async () => {
      const place = house();
      const id = place.start('signed_in; sleep 900 > /dev/null 2>&1 & echo $! > "$ACME_HOME/pid"');
      expect(await place.end(id)).toMatchObject({ status: 'success' });
      expect(await isAlive(Number(place.accountFile('pid')))).toBe(false);
    });

    it('a program that goes on without end is done when its credential file is complete', async () => {
      const place = house();
      const door = place.gate('door');
      const id = place.start(
        `echo '{}' > "$ACME_HOME/new"; mv "$ACME_HOME/new" "$ACME_HOME/auth.json"; read -r _ < '${door.path}'
         echo '{"token": "t", "user": {"email": "ada@acme.test"}}' > "$ACME_HOME/auth.json"; exec sleep 900`,
        {
          flow: { endsBy: 'proof' },
          // Polls are played as fast as the disk answers, so the sign-in's time flies.
          timeoutSeconds: 1_000_000,
          proof: { kind: 'credential-file', path: 'auth.json', field: 'token' },
          identity: { from: { kind: 'file', path: 'auth.json' }, email: 'user.email' },
        },
      );
      await pollUntil(place, place.until(id, phase('checking')));
      await place.until(id, phase('waiting'));
      // The file does not change: no poll asks again.
      for (let polls = 0; polls < 5; polls++) await pollUntil(place, place.clock.armed(proofPollMs));
      expect(place.snapshots.filter(phase('checking'))).toHaveLength(1);
      await door.open();
      await pollUntil(place, place.until(id, phase('ended')));
      expect(await place.end(id)).toMatchObject({ status: 'success', email: 'ada@acme.test' });
    });

    it('S-5: a credential file that was there before proves nothing', async () => {
      const place = house();
      mkdirSync(join(place.home, 'machine'));
      writeFileSync(join(place.home, 'machine', 'auth.json'), '{"token": "old"}');
      const changes = {
        proof: { kind: 'credential-file', path: 'auth.json', field: 'token' } as const,
        configDir: { variable: 'ACME_HOME', usual: 'machine', seed: [] },
        identity: null,
      };
      const id = place.connect(place.provider(place.script('exit 0'), changes), 'blank');
      expect((await place.end(id)).code).toBe('check_says_signed_out');
    });
  });

  describe('the end', () => {
    it('S-8: a program that hangs is ended at the deadline, without anyone polling', async () => {
      const place = house();
      let pid = 0;
      place.onSpawn = (child) => {
        pid = child.pid;
      };
      const id = fault(place, 'hangs', { timeoutSeconds: 30 });
      await spawned(place);
      place.clock.advance(29_999);
      expect(place.broker.poll(id).status).toBe('pending');
      place.clock.advance(1);
      expect((await place.end(id)).code).toBe('timed_out');
      expect(await isAlive(pid)).toBe(false);
      expect(place.accountFiles()).toEqual([]);
    });

    it.each(bothTransports)(
      'S-9: cancel ends the whole tree, also what left the group and ignores signals (%s)',
      async (transport) => {
        const place = house();
        const pidFile = join(place.root, 'pids');
        const id = fault(place, 'ignores-sigterm', { pidFile, transport });
        await place.link(id);
        const pids = readFileSync(pidFile, 'utf8').trim().split('\n').map(Number);
        expect(await Promise.all(pids.map(isAlive))).toEqual([true, true, true]);
        const before = performance.now();
        expect(place.broker.cancel(id)).toEqual({ success: true });
        expect(place.broker.cancel(id)).toMatchObject({ success: false });
        expect((await place.end(id)).code).toBe('cancelled');
        expect(performance.now() - before).toBeLessThan(3_000);
        expect(await Promise.all(pids.map(isAlive))).toEqual([false, false, false]);
        expect(place.accountFiles()).toEqual([]);
      },
    );

    it('X-3: a program that has ended is not waited for because of a grandchild that keeps its output open', async () => {
      const place = house();
      const id = place.start('sleep 900 & echo $! > "$ACME_HOME/../../../pid"; exit 3');
      await place.pipeClock.armed(2_000);
      place.pipeClock.advance(2_000);
      expect((await place.end(id)).code).toBe('exited_with_code');
      expect(await isAlive(Number(readFileSync(join(place.data, 'pid'), 'utf8')))).toBe(false);
    });

    it('S-10: cancel during the search for the program prevents the spawn', async () => {
      const found = deferred<string>();
      const searched = deferred<void>();
      const place = house({
        programs: {
          locate: () => {
            searched.resolve();
            return found.promise;
          },
          searchPath: async () => '/usr/bin:/bin',
        },
      });
      const id = place.start('exit 0');
      await searched.promise;
      expect(place.broker.cancel(id)).toEqual({ success: true });
      found.resolve('/bin/true');
      expect((await place.end(id)).code).toBe('cancelled');
      expect(place.spawned).toEqual([]);
      expect(place.shims()).toEqual([]);
      expect(place.accountFiles()).toEqual([]);
    });

    it('S-10: cancel while the opener shim is made leaves none', async () => {
      const place = house();
      mkdirSync(place.runtimeDirectory);
      const id = place.start('exec sleep 900');
      const watcher = watch(place.runtimeDirectory, () => place.broker.cancel(id));
      expect((await place.end(id)).code).toBe('cancelled');
      watcher.close();
      expect(place.shims()).toEqual([]);
    });

    it.each(bothTransports)(
      'S-10: cancel in the moment of the spawn ends the process (%s)',
      async (transport) => {
        const place = house();
        let pid = 0;
        place.onSpawn = (child) => {
          pid = child.pid;
          place.broker.cancel('auth-00000000-0000-4000-8000-000000000001');
        };
        const id = place.start('exec sleep 900', { flow: { transport } });
        expect((await place.end(id)).code).toBe('cancelled');
        expect(pid).toBeGreaterThan(1);
        expect(await isAlive(pid)).toBe(false);
      },
    );

    it('S-9: cancel during the check ends the status command, too', async () => {
      const place = house();
      const started = place.gate('started');
      const id = place.connect(
        place.provider(
          place.script('exit 0', {
            start: `#!/bin/sh
              if [ "$1" = status ]; then trap '' TERM; echo > '${started.path}'; while :; do sleep 900; done; fi
            `,
          }),
        ),
      );
      await place.until(id, phase('checking'));
      await started.reached();
      place.broker.cancel(id);
      expect((await place.end(id)).code).toBe('cancelled');
      // No process of the sign-in is left: checked when the house is closed.
    });

    it('a status command that hangs is ended after 20 s and said so', async () => {
      const place = house();
      const id = place.connect(
        place.provider(
          place.script('exit 0', { start: '#!/bin/sh\nif [ "$1" = status ]; then exec sleep 900; fi\n' }),
        ),
      );
      await place.until(id, phase('checking'));
      await place.clock.armed(20_000);
      place.clock.advance(20_000);
      expect((await place.end(id)).code).toBe('check_failed');
    });

    it.each(bothTransports)('what comes after cancel changes nothing (%s)', async (transport) => {
      const place = house();
      const id = place.start(
        "trap 'link late; signed_in; echo Logged in as late@acme.test; exit 0' TERM; link; while :; do sleep 900 & wait $!; done",
        { flow: { transport } },
      );
      await place.link(id);
      const before = place.lines(id);
      place.broker.cancel(id);
      expect(await place.end(id)).toMatchObject({ code: 'cancelled' });
      expect(place.lines(id)).toEqual(before);
      expect(place.snapshots.filter(phase('ended'))).toHaveLength(1);
      expect(place.storeFile.writes).toBe(0);
    });

    it('S-11: a newer sign-in begins when nothing of the older one is left', async () => {
      const place = house();
      const older = place.start("trap '' TERM; link; while :; do sleep 900; done");
      await place.link(older);
      let pendingAtSpawn = 0;
      place.onSpawn = () => {
        pendingAtSpawn = place.accountFiles().filter((file) => file.endsWith('.pending')).length;
      };
      place.clock.advance(1_000);
      const newer = place.start('link newer; exec sleep 900');
      expect((await place.until(older, phase('ended'))).status).toBe('failed');
      expect(await place.link(newer)).toContain('state=newer');
      expect(place.broker.poll(older)).toMatchObject({ failure: { code: 'replaced' } });
      expect(pendingAtSpawn).toBe(1);
    });

    it('what a crash left of opener shims goes at the next start', async () => {
      const place = house();
      await OpenerShim.create(join(place.runtimeDirectory, 'auth-crashed'), process.platform);
      expect(place.shims()).toEqual(['auth-crashed']);
      await OpenerShim.sweep(place.runtimeDirectory);
      expect(place.shims()).toEqual([]);
      await OpenerShim.sweep(place.runtimeDirectory);
    });
  });

  describe('S-15: says what went wrong', () => {
    it('program_not_found, with what to do', async () => {
      const place = house();
      const id = place.connect(
        place.provider('', {
          program: { names: ['lanyard-no-such-cli'], args: [], installCommand: 'apt install acme' },
        }),
      );
      const end = await place.end(id);
      expect(end).toMatchObject({
        code: 'program_not_found',
        failure: { hint: 'Install it, or set where its program is in Settings > Providers, then try again.' },
      });
      expect(place.spawned).toEqual([]);
      expect(place.accountFiles()).toEqual([]);
    });

    it.each(bothTransports)('could_not_start: a file that is not executable (%s)', async (transport) => {
      const place = house();
      const file = place.script('exit 0', { mode: 0o644 });
      const end = await place.end(place.connect(place.provider(file, { flow: { transport } })));
      expect(end).toMatchObject({
        code: 'could_not_start',
        failure: { hint: expect.stringContaining('executable') },
      });
      expect(place.shims()).toEqual([]);
    });

    it.each(bothTransports)('could_not_start: an interpreter that is missing (%s)', async (transport) => {
      const place = house();
      const file = place.script('', { start: '#!/no/such/interpreter' });
      const end = await place.end(place.connect(place.provider(file, { flow: { transport } })));
      expect(end).toMatchObject({
        code: 'could_not_start',
        failure: { hint: expect.stringContaining('/no/such/interpreter') },
      });
    });

    it('could_not_start: a directory for shims that cannot be made', async () => {
      const place = house();
      writeFileSync(place.runtimeDirectory, 'a file');
      const end = await place.end(place.start('exit 0'));
      expect(end).toMatchObject({ code: 'could_not_start', failure: { detail: 'System error: EEXIST' } });
    });

    it.each(bothTransports)('exited_with_code, with the last thing it said (%s)', async (transport) => {
      const place = house();
      const end = await place.end(fault(place, 'exits-1', { transport }));
      expect(end).toMatchObject({
        code: 'exited_with_code',
        error: 'Fault exits-1 gave up with exit code 1',
        failure: { detail: 'Error: the sign-in service answered 503' },
      });
    });

    it.each(bothTransports)('exited_with_code, by a signal (%s)', async (transport) => {
      const place = house();
      const end = await place.end(place.start('kill -9 $$', { flow: { transport } }));
      expect(end).toMatchObject({ code: 'exited_with_code', error: expect.stringContaining('SIGKILL') });
    });

    it('exited_with_code also after a success line that was not true', async () => {
      const place = house();
      const end = await place.end(
        place.start("echo 'Logged in as ada@acme.test'; echo 'disk full' >&2; exit 7"),
      );
      expect(end).toMatchObject({ code: 'exited_with_code', failure: { detail: 'disk full' } });
    });

    it('check_says_signed_out', async () => {
      const place = house();
      expect((await place.end(place.start('exit 0'))).code).toBe('check_says_signed_out');
    });

    it('needs_terminal', async () => {
      const place = house();
      const words = [
        'Error: stdin is not a TTY',
        'ERROR Raw mode is not supported on the current process.stdin',
      ];
      for (const said of words) {
        const end = await place.end(place.start(`echo '${said}' >&2; exit 1`));
        expect([said, end.code]).toEqual([said, 'needs_terminal']);
      }
    });

    describe('a final failure', () => {
      const gone = { code: 'code_not_accepted', title: 'Not accepted.', hint: 'Start again.', final: true };
      const flow: Partial<FlowDefinition> = {
        patterns: { failures: [{ pattern: '^Wrong code', ...gone }] },
      };

      it.each(['exit', 'proof'] as const)(
        'S-15: ends a program that goes on waiting, where it %ss by itself after success',
        async (endsBy) => {
          const place = house();
          const id = place.start("echo 'Wrong code: x'; echo 'Press Enter to retry'; exec sleep 900", {
            flow: { ...flow, endsBy },
          });
          await place.clock.armed(farewellMs);
          expect(place.broker.poll(id).status).toBe('pending');
          place.clock.advance(farewellMs);
          expect(await place.end(id)).toMatchObject({
            code: 'code_not_accepted',
            failure: { detail: 'Wrong code: x' },
          });
        },
      );

      it('S-15: a program that ends by itself is not waited for', async () => {
        const place = house();
        const id = place.start("echo 'Wrong code: x'; exit 1", { flow });
        expect((await place.end(id)).code).toBe('code_not_accepted');
      });
    });

    it("a failure in the definition's own words comes first", async () => {
      const place = house();
      const refused = { pattern: '^Blocked', code: 'blocked', title: 'Acme blocks you.', hint: 'Ask Acme.' };
      const flow = { patterns: { success: '^Logged in', failures: [refused] } };
      const end = await place.end(place.start("echo 'Blocked: not a TTY'; exit 1", { flow }));
      expect(end).toMatchObject({ code: 'blocked', error: 'Acme blocks you.' });
      expect((await place.end(place.start("echo 'Blocked'; exit 0", { flow }))).code).toBe('blocked');
    });
  });

  describe('output', () => {
    it('X-1: on pipes, both outputs are read', async () => {
      const place = house();
      const door = place.gate('door');
      const id = place.start(
        `[ -t 0 ] || [ -t 1 ] || [ -t 2 ] || link; read -r _ < '${door.path}'; signed_in; echo 'Logged in as ada@acme.test' >&2`,
        { identity: null },
      );
      expect(await place.link(id)).toContain('state=s1');
      await door.open();
      expect(await place.end(id)).toMatchObject({ status: 'success', email: 'ada@acme.test' });
    });

    it('X-1, X-4: a PTY is a terminal in which no link wraps', async () => {
      const place = house();
      const long = 'x'.repeat(900);
      const id = place.start(
        `[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && link '${long}'; echo "TERM=$TERM"; exec sleep 900`,
        {
          flow: { transport: 'pty' },
        },
      );
      expect(await place.link(id)).toBe(`https://login.acme.test/oauth/authorize?client_id=c&state=${long}`);
      await place.until(id, () => true);
      place.broker.cancel(id);
    });

    it('X-3: a success line and a last line without a newline count', async () => {
      const place = house();
      const id = place.start("signed_in; printf 'Logged in as ada@acme.test'", { identity: null });
      expect(await place.end(id)).toMatchObject({ status: 'success', email: 'ada@acme.test' });
      expect(place.lines(id)).toEqual(['Logged in as ada@acme.test']);
    });

    it('X-3: a link at the end of an unfinished line is seen while the program waits', async () => {
      const place = house();
      const id = place.start(
        "printf 'Visit https://login.acme.test/oauth/authorize?state=s9'; exec sleep 900",
      );
      await place.clock.armed(settleMs);
      place.clock.advance(settleMs);
      expect(await place.link(id)).toBe('https://login.acme.test/oauth/authorize?state=s9');
    });

    it.each(bothTransports)('output that is not UTF-8 disturbs nothing (%s)', async (transport) => {
      const place = house();
      const bytes = '\\377\\376 \\300\\200 \\355\\240\\200 caf\\351 \\303';
      const id = place.start(`printf '${bytes}\\n'; link; printf '\\303'; exec sleep 900`, {
        flow: { transport },
      });
      expect(await place.link(id)).toContain('state=s1');
      expect(place.lines(id)[0]).toContain('caf\ufffd');
    });

    it.each(bothTransports)(
      'a flood is read, bounded, and the link behind it found (%s)',
      async (transport) => {
        const place = house();
        let seen = 0;
        place.onSpawn = (child) => {
          child.onOutput((bytes) => {
            seen += bytes.length;
          });
        };
        const megabytes = transport === 'pipe' ? 8 : 2;
        const id = place.start(
          `yes 'Downloading the sign-in component, please wait.' | head -c ${megabytes * 1024 * 1024}; echo; link; exec sleep 900`,
          { flow: { transport } },
        );
        expect(await place.link(id)).toContain('state=s1');
        expect(seen).toBeGreaterThan(megabytes * 1024 * 1024);
        const { lines, dropped } = place.broker.transcript(id);
        expect(lines.length).toBeLessThanOrEqual(2_000);
        expect(dropped).toBeGreaterThan(10_000);
      },
    );

    it('S-13: the transcript and the report hold what was said, without its secrets', async () => {
      const place = house();
      const id = place.start(
        `echo 'Using key sk-abcdefghijklmnop1234'; echo 'Authorization: Bearer abc.def-123456' >&2
         link secretstate; printf 'Paste code here > '; read -r code; echo "got $code"; exit 1`,
        { flow: takesCode },
      );
      await place.link(id);
      expect(await place.broker.submitCallback(id, 'my-very-own-code')).toEqual({ success: true });
      await place.end(id);
      const said = place.lines(id);
      expect(said).toEqual(
        expect.arrayContaining(['Using key [redacted]', 'Authorization: Bearer [redacted]']),
      );
      for (const text of [said.join('\n'), place.broker.copyText(id, 'report')]) {
        expect(text).not.toMatch(/abcdefghijklmnop|abc\.def|my-very-own-code|secretstate/);
      }
      expect(place.broker.poll(id)).toMatchObject({
        failure: { detail: expect.not.stringContaining('very-own') },
      });
    });

    it('S-14: the log tells of sign-ins and holds no line', async () => {
      const place = house();
      const id = place.start(
        "link; echo 'quite unmistakable words'; echo 'Logged in as ada@acme.test'; signed_in",
      );
      expect(await place.end(id)).toMatchObject({ status: 'success' });
      await place.end(place.start("echo 'other unmistakable words'; exit 1"));
      expect(place.log()).toMatch(/session\.started[\s\S]*session\.saved[\s\S]*session\.failed/);
      expect(place.log()).not.toMatch(/unmistakable|ada@acme|authorize/);
    });
  });

  describe('environment', () => {
    const parent = {
      ACME_HOME: '/home/ada/.acme',
      ACME_TOKEN: 'token-of-the-machine',
      NODE_OPTIONS: '--require=/evil.js',
      ELECTRON_RUN_AS_NODE: '1',
      LD_PRELOAD_OF_NOBODY: 'x',
      DYLD_INSERT_LIBRARIES: '/evil.dylib',
      SOMETHING_PRIVATE: 'x',
      HTTPS_PROXY: 'http://proxy.acme.test:3128',
      no_proxy: 'localhost',
      NODE_EXTRA_CA_CERTS: '/etc/acme-ca.pem',
      LC_TIME: 'de_DE.UTF-8',
    };
    const prints = 'env > "$ACME_HOME/env"; signed_in';

    async function environmentOf(place: SignInHouse, id: string): Promise<Record<string, string>> {
      expect(await place.end(id)).toMatchObject({ status: 'success' });
      return Object.fromEntries(
        place
          .accountFile('env')
          .trim()
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    }

    it.each(bothTransports)(
      'X-5: the child gets the allow-list and the provider’s own (%s)',
      async (transport) => {
        const place = house({ parent });
        const environment = { set: { ACME_COLOR: 'never', NODE_OPTIONS: '--evil' }, unset: ['ACME_TOKEN'] };
        const id = place.start(prints, { flow: { transport }, environment });
        const env = await environmentOf(place, id);
        expect(env).toMatchObject({
          HTTPS_PROXY: parent.HTTPS_PROXY,
          no_proxy: 'localhost',
          NODE_EXTRA_CA_CERTS: parent.NODE_EXTRA_CA_CERTS,
          LC_TIME: 'de_DE.UTF-8',
          HOME: place.home,
          ACME_COLOR: 'never',
        });
        const strangers = Object.keys(env).filter((name) =>
          /^(NODE_OPTIONS|ELECTRON_|LD_|DYLD_|ACME_TOKEN|SOMETHING_)/.test(name),
        );
        expect(strangers).toEqual([]);
      },
    );

    it('X-5: a variable that was left out is named, without its value', async () => {
      const place = house({ parent });
      const id = place.start(prints);
      await place.end(id);
      const { notices } = place.broker.poll(id);
      expect(notices).toMatchObject([
        { code: 'variable_left_out', text: expect.stringContaining('ACME_TOKEN') },
      ]);
      expect(JSON.stringify(place.snapshots)).not.toContain('token-of-the-machine');
    });

    it('I-17: a port that another program has: said so before anything runs, and that program goes on', async () => {
      const place = house();
      const stranger = createServer().listen(0, '127.0.0.1');
      await once(stranger, 'listening');
      const address = stranger.address();
      const fixedPort = typeof address === 'object' && address ? address.port : 0;
      const provider = place.provider(place.script('signed_in'), { flow: { fixedPort } });
      const id = place.connect(provider);
      expect(await place.end(id)).toMatchObject({
        code: 'port_in_use',
        failure: { title: `Port ${fixedPort}, which Acme waits on, is taken` },
      });
      expect(place.spawned).toEqual([]);
      expect(place.accountFiles()).toEqual([]);
      expect(stranger.listening).toBe(true);
      stranger.close();
      await once(stranger, 'close');
      expect(await place.end(place.connect(provider))).toMatchObject({ status: 'success' });
    });

    it('I-4: login and check get the account’s own directory, whatever the parent says', async () => {
      const place = house({ parent });
      const id = place.start(`${prints}; pwd > "$ACME_HOME/cwd"`);
      const env = await environmentOf(place, id);
      const directory = join(place.identities.root, place.identities.store.state.accounts[0]?.id ?? '', '1');
      expect(env.ACME_HOME).toBe(directory);
      expect(place.accountFile('cwd').trim()).toBe(directory);
      expect(place.identities.store.state.accounts[0]?.secretRef).toEqual({
        kind: 'oauth-config-dir',
        dir: directory,
      });
    });

    it('I-4: files that the program wants to find are there, and only in a directory of ours', async () => {
      const seed = [
        { path: 'sub/settings.json', json: { trust: '{dir}' } },
        { path: '.acme/config', text: '[acme]\ncache = {dir}/cache\n' },
      ];
      const configDir = { variable: 'ACME_HOME', usual: '.acme', seed };
      const place = house();
      const own = place.start('cp "$ACME_HOME/sub/settings.json" "$ACME_HOME/seen"; signed_in', {
        configDir,
      });
      expect(await place.end(own)).toMatchObject({ status: 'success' });
      const { trust } = JSON.parse(place.accountFile('seen'));
      expect(trust).toContain(join(place.identities.root, ''));
      expect(place.accountFile('.acme/config')).toBe(`[acme]\ncache = ${trust}/cache\n`);
      const blank = place.start('signed_in', { configDir }, 'blank');
      expect(await place.end(blank)).toMatchObject({ status: 'success' });
      expect(existsSync(join(place.home, '.acme', 'sub'))).toBe(false);
    });

    it('what the person said is in arguments, files and variables, makes its host the provider’s, and is kept', async () => {
      const place = house({ parent: { ACME_TENANT: 'of-the-machine' } });
      const directory = place.script(
        `printf '%s\\n' "$@" > "$ACME_HOME/args"
         cp "$ACME_HOME/config" "$ACME_HOME/seen"
         printf '%s' "$ACME_TENANT" > "$ACME_HOME/tenant"
         echo "Visit https://login.acme.test/oauth/authorize?at=1"
         echo "Visit https://ghe.acme.example/oauth/authorize?at=2"
         signed_in`,
      );
      const host = {
        id: 'host',
        label: 'Host',
        example: 'x',
        accepts: '.+',
        required: true,
        kind: 'host',
      } as const;
      const tenant = { ...host, id: 'tenant', label: 'Tenant', required: false, kind: 'text' } as const;
      const provider = place.provider(directory, {
        configDir: {
          variable: 'ACME_HOME',
          seed: [
            { path: 'config', text: '[acme]\nhost = {param:host}\ntenant = {param:tenant}\n' },
            { path: 'config.json', json: { tenant: '{param:tenant}' } },
          ],
        },
        environment: { set: { ACME_TENANT: '{param:tenant}' }, unset: ['ACME_TENANT'] },
        allowedHosts: ['{param:host}'],
        flow: {
          parameters: [host, tenant],
          args: ['login', '--host', '{param:host}', '--tenant={param:tenant}'],
        },
      });
      const parameters = { host: 'ghe.acme.example', tenant: 'a "b" $(touch x); \\c' };
      const { sessionId } = place.broker.start({ providerId: provider.id, parameters });
      expect(await place.end(sessionId)).toMatchObject({
        status: 'success',
        untrustedLinks: ['https://login.acme.test/oauth/authorize?at=1'],
      });
      expect(place.opened).toEqual(['https://ghe.acme.example/oauth/authorize?at=2']);
      expect(place.accountFile('args')).toBe(
        `login\n--host\nghe.acme.example\n--tenant=${parameters.tenant}\n`,
      );
      expect(place.accountFile('seen')).toBe(
        `[acme]\nhost = ghe.acme.example\ntenant = ${parameters.tenant}\n`,
      );
      expect(JSON.parse(place.accountFile('config.json'))).toEqual({ tenant: parameters.tenant });
      expect(place.accountFile('tenant')).toBe(parameters.tenant);
      const [account] = place.identities.store.state.accounts;
      expect(account).toMatchObject({ flowId: 'browser', parameters });
      if (!account) return;
      const [bundle] = place.identities.store.state.bundles;
      const launched = bundleEnvironment({
        accounts: [{ account, provider }],
        bundleName: bundle?.name ?? '',
        parent: { ACME_TENANT: 'of-the-machine' },
        searchPath: '/usr/bin',
        platform: process.platform,
      });
      expect(launched.env.ACME_TENANT).toBe(parameters.tenant);

      const again = place.broker.start({
        providerId: provider.id,
        intoBundleId: bundle?.id ?? '',
        parameters: { host: 'other.acme.example' },
      });
      expect(await place.end(again.sessionId)).toMatchObject({ status: 'success' });
      expect(place.identities.store.state.accounts).toMatchObject([
        { id: account.id, parameters: { host: 'other.acme.example' } },
      ]);
    });

    it('I-4, I-8: the blank identity leaves the provider’s variables as they are, and nothing is saved', async () => {
      for (const [parent, seen] of [
        [{}, 'unset unset never'],
        [{ ACME_HOME: '/etc/acme', ACME_DATA: '/var/acme' }, '/etc/acme /var/acme never'],
      ] as const) {
        const place = house({ parent });
        const report = join(place.root, 'report');
        const id = place.start(
          `echo "\${ACME_HOME-unset} \${ACME_DATA-unset} $ACME_COLOR" > '${report}'`,
          { environment: { set: { ACME_DATA: '{dir}/data', ACME_COLOR: 'never' }, unset: [] } },
          'blank',
        );
        expect((await place.end(id)).code).toBe('check_says_signed_out');
        expect(readFileSync(report, 'utf8').trim()).toBe(seen);
        expect(place.accountFiles()).toEqual([]);
      }
    });

    it('I-8: a sign-in of the blank identity is seen in the program’s usual directory', async () => {
      const place = house();
      const id = place.start(
        'mkdir "$HOME/.acme"; echo \'{"token": "t"}\' > "$HOME/.acme/auth.json"',
        {
          configDir: { variable: 'ACME_HOME', usual: '.acme', seed: [] },
          proof: { kind: 'credential-file', path: 'auth.json', field: 'token' },
          identity: null,
        },
        'blank',
      );
      expect(await place.end(id)).toMatchObject({
        status: 'success',
        bundleId: `pending-bundle-for-${id}`,
      });
      expect(place.storeFile.writes).toBe(0);
    });

    it('a provider without a directory gets none', async () => {
      const place = house();
      const id = place.start('mkdir -p "$HOME/.acme"; signed_in', {
        configDir: null,
        environment: { set: {}, unset: [] },
      });
      expect(await place.end(id)).toMatchObject({ status: 'success' });
      expect(place.accountFiles()).toEqual([]);
    });
  });

  describe('the opener', () => {
    const captured = 'https://login.acme.test/oauth/authorize?state=captured';

    it.each([
      ['xdg-open', 'xdg-open'],
      ['open', 'open'],
      ['BROWSER', '"$BROWSER"'],
    ])('X-8: a link handed to %s arrives here, and nothing else opens', async (_, program) => {
      const place = house();
      const stray = join(place.root, 'stray');
      for (const name of ['xdg-open', 'open', 'sensible-browser']) {
        writeFileSync(join(place.bin, name), `#!/bin/sh\necho "$@" >> '${stray}'\n`, { mode: 0o755 });
      }
      const id = place.start(`${program} '${captured}'; exec sleep 900`, { flow: { opens: 'captured' } });
      expect(await place.link(id)).toBe(captured);
      await place.until(id, ({ browserOpened }) => browserOpened);
      expect(place.opened).toEqual([captured]);
      expect(existsSync(stray)).toBe(false);
    });

    it('X-8: the captured link is opened where the flow says so, the printed one is shown and never opened too', async () => {
      const place = house();
      const id = place.start(`link printed; xdg-open '${captured}'; exec sleep 900`, {
        flow: { opens: 'captured' },
      });
      await place.until(id, ({ browserOpened }) => browserOpened);
      expect(place.opened).toEqual([captured]);
      expect(await place.link(id)).toContain('state=printed');
      place.clock.advance(10_000);
      expect(place.opened).toEqual([captured]);
    });

    it('L-1: a foreign link that a program wants opened is shown and not opened', async () => {
      const place = house();
      const id = place.start("xdg-open 'https://evil.test/oauth?x=login.acme.test'; exec sleep 900");
      const snapshot = await place.until(id, ({ untrustedLinks }) => untrustedLinks.length > 0);
      expect(snapshot).toMatchObject({
        status: 'pending',
        untrustedLinks: ['https://evil.test/oauth?x=login.acme.test'],
      });
      expect(place.opened).toEqual([]);
    });

    it('X-8: a link that a program hands over right before it ends is not lost', async () => {
      const place = house();
      const id = place.start(`xdg-open '${captured}'; exit 1`);
      await place.end(id);
      expect(place.snapshots.some((snapshot) => snapshot.status === 'url-available')).toBe(true);
    });
  });

  describe('pasted text', () => {
    it.each(bothTransports)(
      'V-1, X-2: a code goes to the waiting program, followed by Enter (%s)',
      async (transport) => {
        const place = house();
        const raw = transport === 'pty' ? 'stty raw -echo;' : '';
        const id = place.start(
          `${raw} link; printf 'Paste code here > '; dd bs=1 count=10 of="$ACME_HOME/typed" 2> /dev/null; signed_in`,
          { flow: { ...takesCode, transport } },
        );
        await place.until(id, ({ promptsForPaste, status }) => promptsForPaste && status === 'url-available');
        expect(await place.broker.submitCallback(id, '  good-code ')).toEqual({ success: true });
        expect(await place.end(id)).toMatchObject({ status: 'success' });
        expect(place.accountFile('typed')).toBe(transport === 'pty' ? 'good-code\r' : 'good-code\n');
      },
    );

    it('V-1: Enter is a write of its own where the program wants that', async () => {
      const place = house();
      const paste = { ...(takesCode.paste as object), enterSeparately: true } as FlowDefinition['paste'];
      const door = place.gate('door');
      const id = place.start(
        `stty raw -echo; link; printf 'Paste code here > '
         dd bs=100 count=1 of="$ACME_HOME/first" 2> /dev/null; echo > '${door.path}'
         dd bs=100 count=1 of="$ACME_HOME/second" 2> /dev/null; signed_in`,
        { flow: { ...takesCode, paste, transport: 'pty' } },
      );
      await place.until(id, ({ promptsForPaste, status }) => promptsForPaste && status === 'url-available');
      const submitted = place.broker.submitCallback(id, 'good-code');
      await place.clock.armed(enterDelayMs);
      await door.reached();
      place.clock.advance(enterDelayMs);
      expect(await submitted).toEqual({ success: true });
      expect(await place.end(id)).toMatchObject({ status: 'success' });
      expect([place.accountFile('first'), place.accountFile('second')]).toEqual(['good-code', '\r']);
    });

    it('V-3: cancel before that Enter settles the submit', async () => {
      const place = house();
      const paste = { ...(takesCode.paste as object), enterSeparately: true } as FlowDefinition['paste'];
      const id = place.start('link; exec sleep 900', { flow: { ...takesCode, paste, transport: 'pty' } });
      await place.link(id);
      const submitted = place.broker.submitCallback(id, 'good-code');
      await place.clock.armed(enterDelayMs);
      place.broker.cancel(id);
      expect(await submitted).toMatchObject({ success: false, failure: { code: 'session_ended' } });
    });

    it('V-2: nothing that does not fit is written', async () => {
      const place = house();
      const id = place.start(
        'link; printf "Paste code here > "; read -r code; echo "$code" > "$ACME_HOME/typed"; signed_in',
        { flow: takesCode },
      );
      await place.until(id, ({ promptsForPaste, status }) => promptsForPaste && status === 'url-available');
      const refusals = [
        ['', 'nothing_pasted'],
        ['UPPER CASE', 'malformed_code'],
        ['good\nrm -rf', 'malformed_paste'],
        ['https://login.acme.test/done?code=good-code&state=other', 'callback_state_mismatch'],
        ['https://login.acme.test/done?error=access_denied', 'provider_callback_error'],
      ] as const;
      for (const [text, code] of refusals) {
        expect([text, await place.broker.submitCallback(id, text)]).toMatchObject([
          text,
          { success: false, failure: { code } },
        ]);
      }
      const pasted = 'https://login.acme.test/done?code=good-code&state=s1';
      expect(await place.broker.submitCallback(id, pasted)).toEqual({ success: true });
      expect(await place.end(id)).toMatchObject({ status: 'success' });
      expect(place.accountFile('typed')).toBe('good-code\n');
    });

    it('V-2, S-4: pasted text must belong to the link that was shown first', async () => {
      const place = house();
      const id = place.start('link s1; link s2; printf "Paste code here > "; read -r code; signed_in', {
        flow: takesCode,
      });
      await place.until(id, ({ promptsForPaste, status }) => promptsForPaste && status === 'url-available');
      expect(await place.link(id)).toContain('state=s1');
      const pasted = (state: string) => `https://login.acme.test/done?code=good-code&state=${state}`;
      expect(await place.broker.submitCallback(id, pasted('s2'))).toMatchObject({ success: false });
      expect(await place.broker.submitCallback(id, pasted('s1'))).toEqual({ success: true });
      expect(await place.end(id)).toMatchObject({ status: 'success' });
    });

    it.each(bothTransports)('V-4: a second try after a refused one (%s)', async (transport) => {
      const place = house();
      const id = place.start(
        `link; while :; do printf 'Paste code here > '; read -r code || exit 1
         [ "$code" = good-code ] && break; echo 'Invalid code, try again.'; done; signed_in`,
        { flow: { ...takesCode, transport } },
      );
      await place.until(id, ({ promptsForPaste, status }) => promptsForPaste && status === 'url-available');
      expect(await place.broker.submitCallback(id, 'bad-code')).toEqual({ success: true });
      const rejected = await place.until(id, (snapshot) => snapshot.pasteRejected !== undefined);
      expect(rejected).toMatchObject({
        phase: 'waiting',
        pasteRejected: expect.stringContaining('Invalid code'),
      });
      expect(await place.broker.submitCallback(id, 'good-code')).toEqual({ success: true });
      expect(await place.end(id)).toMatchObject({ status: 'success' });
    });

    it('V-3: a program that has closed its input is told of, and so is one that has ended', async () => {
      const place = house();
      const id = place.start('exec 0<&-; link; exec sleep 900', { flow: takesCode });
      await place.link(id);
      expect(await place.broker.submitCallback(id, 'good-code')).toMatchObject({
        success: false,
        failure: { code: 'input_closed' },
      });
      expect(place.broker.poll(id).status).toBe('url-available');
      place.broker.cancel(id);
      await place.end(id);
      expect(await place.broker.submitCallback(id, 'good-code')).toMatchObject({
        success: false,
        failure: { code: 'session_ended' },
      });
      expect(await place.broker.submitCallback('auth-none', 'good-code')).toMatchObject({
        success: false,
        failure: { code: 'unknown_session' },
      });
    });

    it('questions that the definition answers are answered', async () => {
      const place = house();
      const answers = [{ question: 'Which account\\? $', reply: 'personal' }];
      const id = place.start(
        'printf \'Which account? \'; read -r answer; [ "$answer" = personal ] && signed_in',
        { flow: { answers } },
      );
      expect(await place.end(id)).toMatchObject({ status: 'success' });
    });
  });

  describe('an attempt by itself', () => {
    it('cancel resolves as often as it is asked, and the events end', async () => {
      const place = house();
      const provider = place.provider(place.script('link; exec sleep 900'));
      const [flow] = provider.flows;
      if (!flow) throw new Error('it has a flow');
      let pid = 0;
      const attempt = place.method.start({
        sessionId: 'auth-alone',
        provider,
        flow,
        directory: null,
        onSpawned: (spawnedPid) => {
          pid = spawnedPid;
        },
      });
      const seen: SignInEvent['type'][] = [];
      for await (const event of attempt) {
        seen.push(event.type);
        if (event.type === 'link') void attempt.cancel();
      }
      await Promise.all([attempt.cancel(), attempt.cancel()]);
      expect(seen.slice(0, 2)).toEqual(['started', 'link']);
      expect(await isAlive(pid)).toBe(false);
      expect(place.shims()).toEqual([]);
      expect(await attempt.confirm()).toMatchObject({ signedIn: false });
      expect(await attempt.submit('x')).toMatchObject({ delivered: false });
    });

    it('lines that nobody takes hold the program back', async () => {
      const place = house();
      const provider = place.provider(
        place.script(`yes 'a line' | head -c 4194304; : > '${join(place.root, 'all-written')}'`),
      );
      const [flow] = provider.flows;
      if (!flow) throw new Error('it has a flow');
      const paused = deferred<void>();
      place.onSpawn = (child) => {
        const pause = child.pause;
        child.pause = () => {
          paused.resolve();
          pause();
        };
      };
      const attempt = place.method.start({
        sessionId: 'auth-alone',
        provider,
        flow,
        directory: null,
        onSpawned: () => {},
      });
      await paused.promise;
      // What was read before the pause has been interpreted by now: without a reader nothing goes on.
      for (let turns = 0; turns < 200; turns++) await turn();
      expect(existsSync(join(place.root, 'all-written'))).toBe(false);
      let lines = 0;
      for await (const event of attempt) if (event.type === 'line') lines += 1;
      expect(lines).toBe(Math.ceil(4_194_304 / 'a line\n'.length));
      expect(existsSync(join(place.root, 'all-written'))).toBe(true);
      await attempt.cancel();
    });
  });
});

/** Moves time on, poll by poll, until something has happened. */
async function pollUntil(place: SignInHouse, happened: Promise<unknown>): Promise<void> {
  let over = false;
  void happened.then(() => {
    over = true;
  });
  while (!over) {
    await Promise.race([place.clock.armed(proofPollMs), happened]);
    place.clock.advance(proofPollMs);
    await turn();
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when the sign-in's process has been started. */
async function spawned(place: SignInHouse): Promise<void> {
  while (place.spawned.length === 0) await turn();
}
