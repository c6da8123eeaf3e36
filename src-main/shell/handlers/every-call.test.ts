import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Channel, calls, type EventName, events } from '../../../src-preload/contract.ts';
import { systemClock } from '../../clock.ts';
import { Autostart } from '../../desktop/autostart.ts';
import { DesktopChoices } from '../../desktop/desktop-settings.ts';
import { LinkRequests } from '../../desktop/link-requests.ts';
import { LanyardError } from '../../failures.ts';
import type { House } from '../../house/house.ts';
import { openJsonFile } from '../../programs/json-file.ts';
import { holdsFor } from '../../property.fixture.ts';
import { ProviderFiles } from '../../providers/provider-files.ts';
import { Redactor } from '../../vault/redact.ts';
import { SecretClipboard } from '../../vault/secret-clipboard.ts';
import type { Handlers } from '../ipc.ts';
import { activityHandlers } from './activity-handlers.ts';
import { appHandlers } from './app-handlers.ts';
import { approvalHandlers } from './approval-handlers.ts';
import { authHandlers } from './auth-handlers.ts';
import { bundleHandlers } from './bundle-handlers.ts';
import { commandHandlers } from './command-handlers.ts';
import { desktopHandlers } from './desktop-handlers.ts';
import { healthHandlers } from './health-handlers.ts';
import { isolationHandlers } from './isolation-handlers.ts';
import { issuerHandlers } from './issuer-handlers.ts';
import { networkHandlers } from './network-handlers.ts';
import { programHandlers } from './program-handlers.ts';
import { providerHandlers } from './provider-handlers.ts';
import { sessionHandlers } from './session-handlers.ts';
import { terminalHandlers } from './terminal-handlers.ts';
import { tokenHandlers } from './token-handlers.ts';
import { vaultHandlers } from './vault-handlers.ts';

const clipboard = { readText: () => 'copied', writeText: () => {}, clear: () => {} };
const lent = new SecretClipboard(clipboard, systemClock);

let root: string;
let data: string;
let house: House;
let handlers: Partial<Handlers>;
const wrongEvents: string[] = [];

/**
 * Calls that start programs of this machine, wait for a second process of the app, or are about windows; each has a test
 * of its own.
 */
const left: readonly Channel[] = [
  'providers.refresh',
  'accounts.findOnMachine',
  'vault.selfTest',
  'terminals.open',
  'sessions.run',
];

beforeAll(async () => {
  // Outside Electron its package is only a path to a binary, which is not looked for then.
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= 'not-used';
  const { composeHouse } = await import('../../house/house.ts');
  root = mkdtempSync(join(tmpdir(), 'lanyard-calls-'));
  data = join(root, 'data');
  const demoCli = join(import.meta.dirname, '..', '..', 'demo', 'run-demo-cli.ts');
  house = await composeHouse({
    data,
    resources: join(import.meta.dirname, '..', '..', '..', 'resources'),
    clock: systemClock,
    // Silent: what is logged is no part of an answer.
    log: { info() {}, warn() {}, error() {}, close() {} } as never,
    redactor: new Redactor(),
    environment: { PATH: '', HOME: root },
    homeDirectory: root,
    platform: process.platform,
    transport: {
      fetch: async () => {
        throw new TypeError('no network');
      },
      use: async () => {},
      wayTo: async () => ({ kind: 'direct' }),
    },
    host: { kind: 'serve', version: '0', program: null, quit: () => {} },
    awsActions: join(root, 'no-actions.json'),
    openBrowser: async () => false,
    ownProgram: () => ({ file: process.execPath, args: [demoCli] }),
    emit: (event: EventName, payload: unknown) => {
      if (!v.is(events[event], payload)) wrongEvents.push(`${event} ${JSON.stringify(payload)}`);
    },
    onSession: () => {},
  });
  const { identities, providers, health } = house;
  const bundleIds = ['Work', 'Home'].map((name) => identities.createBundle(name).id);
  for (const [index, providerId] of ['openai', 'demo', 'gone'].entries()) {
    const secret = { service: 'Lanyard', account: `${providerId}/1` };
    identities.announceSecret(secret);
    await identities.saveApiKey({
      providerId,
      bundleId: bundleIds[index % 2] ?? null,
      displayName: `Key ${index}`,
      secret,
      status: 'unknown',
    });
  }
  handlers = {
    ...authHandlers({ ...house, clipboard }),
    ...providerHandlers({ ...house, programs: house.programStates }),
    ...issuerHandlers({
      ...house,
      files: new ProviderFiles(join(data, 'providers')),
      refreshProviders: () => providers.reload(),
    }),
    ...approvalHandlers(house),
    ...commandHandlers({
      installation: house.commandInstallation,
      guides: house.toolGuides,
      kept: house.keptCredentials,
      audit: house.audit,
      clipboard,
    }),
    ...networkHandlers({ ...house, pickCertificates: async () => null }),
    ...isolationHandlers({
      providers,
      test: house.isolationTest,
      onTested: (report) => house.diagnostics.isolationTested(report),
    }),
    ...programHandlers({
      ...house,
      clipboard,
      chosen: house.chosenPrograms,
      states: house.programStates,
      pickProgram: async () => null,
    }),
    ...bundleHandlers({
      identities,
      noteOf: (account) => health.note(account),
      stopLooking: (accountId) => health.forget(accountId),
      adoption: house.adoption,
      users: house.users,
      onDuplicated: (bundleId, copyId) => house.approvalSettings.copy(bundleId, copyId),
      saveFile: async () => false,
      now: systemClock.now,
      log: { warn() {} },
    }),
    ...healthHandlers(health, identities),
    ...desktopHandlers({
      choices: new DesktopChoices({
        file: openJsonFile(join(data, 'desktop.json')),
        loginStart: new Autostart({ environment: {}, homeDirectory: root, command: ['/lanyard'] }),
        onChanged: () => {},
      }),
      presence: { looksAt: () => {} },
      links: new LinkRequests({
        provider: (id) => providers.find(id),
        bundles: () => identities.list().bundles,
        run: async () => {},
        newId: () => 'link',
        audit: house.audit,
        onChanged: () => {},
      }),
    }),
    ...terminalHandlers({
      app: { accessibilitySupportEnabled: false },
      clipboard,
      terminals: house.terminals,
    }),
    ...activityHandlers({
      audit: house.audit,
      diagnostics: house.diagnostics,
      versions: { Lanyard: '0' },
      clipboard,
      save: async () => false,
      onVerifying: () => {},
    }),
    ...sessionHandlers({ ...house, clipboard: lent }),
    ...vaultHandlers(house),
    ...tokenHandlers({ ...house, clipboard: lent }),
    ...appHandlers({
      app: { getVersion: () => '0' },
      clipboard,
      openTerminal: async (bundleId) => void (await house.preparation.of(bundleId)),
      dataDirectory: data,
      developmentRuntime: false,
    }),
  };
});
afterAll(async () => {
  await house.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const nasty = [
  '',
  ' ',
  '.',
  '..',
  '../..',
  '/',
  'a/b',
  'C:\\',
  '\0',
  'a\nb',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '-rf',
  '--prefix=/',
  '{dir}',
  '{param:host}',
  '$HOME',
  '`id`',
  '<b>x</b>',
  '\u202egnp',
  '\ud800',
  '𝔸'.repeat(90),
  'x'.repeat(20_000),
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://a@b.test',
  'CON',
  'NaN',
  '1e309',
];
const text = fc.oneof(fc.constantFrom(...nasty), fc.string(), fc.string({ unit: 'binary', maxLength: 300 }));
const providerId = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('demo', 'Demo', 'openai', 'openrouter', 'gone', 'codex ', 'work-sso'),
  },
  { weight: 1, arbitrary: text },
);
const some = (ids: () => string[]) => fc.nat().map((n) => ids()[n % Math.max(1, ids().length)] ?? 'none');

const bundleIdsNow = () => house.identities.list().bundles.map(({ id }) => id);

/** Values for a field, by its name: ids that exist as often as not. */
const fields: Record<string, fc.Arbitrary<unknown>> = {
  providerId,
  bundleId: fc.oneof(some(bundleIdsNow), fc.constant('blank'), text),
  intoBundleId: fc.oneof(some(bundleIdsNow), fc.constant('blank'), text),
  beforeBundleId: fc.oneof(some(bundleIdsNow), fc.constant(null), text),
  accountId: fc.oneof(
    some(() => house.identities.accounts().map(({ id }) => id)),
    text,
  ),
  sessionId: fc.oneof(
    some(() => house.broker.list().map((session) => session.sessionId)),
    text,
  ),
  flowId: fc.oneof(fc.constantFrom('browser', 'device', 'device-code'), text),
  apiKey: fc.oneof(fc.constant('sk-canary-0123456789abcdef'), text),
  url: fc.oneof(fc.constant('https://issuer.test'), text),
};

/** What fits a schema's form, more or less; what does not fit it is what the edge refuses. */
function valuesOf(schema: unknown, name = ''): fc.Arbitrary<unknown> {
  const { type, entries, wrapped, options, literal, key, value, item } = schema as {
    type: string;
    entries?: Record<string, unknown>;
    wrapped?: unknown;
    options?: unknown[];
    literal?: unknown;
    key?: unknown;
    value?: unknown;
    item?: unknown;
  };
  const chosen = fields[name];
  if (chosen && type !== 'optional') return chosen;
  switch (type) {
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(entries ?? {}).map(([each, inner]) => [each, valuesOf(inner, each)]),
        ),
        { noNullPrototype: true },
      );
    case 'optional':
      return fc.option(valuesOf(wrapped, name), { nil: undefined });
    case 'nullable':
      return fc.option(valuesOf(wrapped, name), { nil: null });
    case 'picklist':
      return fc.constantFrom(...(options ?? []));
    case 'variant':
    case 'union':
      return fc.oneof(...(options ?? []).map((option) => valuesOf(option, name)));
    case 'literal':
      return fc.constant(literal);
    case 'boolean':
      return fc.boolean();
    case 'number':
      return fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 200 }) },
        { weight: 1, arbitrary: fc.integer() },
        { weight: 1, arbitrary: fc.double() },
      );
    case 'record':
      return fc.dictionary(valuesOf(key).map(String), valuesOf(value), { maxKeys: 20 });
    case 'array':
      return fc.array(valuesOf(item), { maxLength: 5 });
    case 'string':
      return text;
    default:
      throw new Error(`no values for ${type}`);
  }
}

/** What is kept of identities and of providers. */
function kept(): string {
  const content = JSON.parse(readFileSync(join(data, 'identities.json'), 'utf8')) as Record<string, unknown>;
  // Notes of keys on their way in or out come and go by themselves.
  delete content.looseSecrets;
  let files: string[] = [];
  try {
    files = readdirSync(join(data, 'providers'));
  } catch {
    // Nobody has added one yet.
  }
  return JSON.stringify([content, files]);
}

const ofWindows = /^(?:desktop|links)\./;
const channels = (Object.keys(calls) as Channel[]).filter(
  (channel) => !left.includes(channel) && !ofWindows.test(channel),
);
const requests = fc
  .constantFrom(...channels)
  .chain((channel) =>
    fc.tuple(
      fc.constant(channel),
      fc.oneof(
        { weight: 12, arbitrary: valuesOf(calls[channel].request) },
        { weight: 1, arbitrary: fc.anything() },
      ),
    ),
  );

it('every call answers as the contract says or refuses in words, and what is refused changes nothing', async () => {
  const answered = new Set<Channel>();
  await holdsFor('calls', { seed: 20261121, runs: 1_500 }, requests, async ([channel, input]) => {
    const parsed = v.safeParse(calls[channel].request, input);
    if (!parsed.success) return;
    answered.add(channel);
    const before = kept();
    let refused: unknown = null;
    try {
      // As the IPC edge does: what a handler gets is what the schema made.
      const answer: unknown = await handlers[channel]?.(parsed.output as never);
      v.parse(calls[channel].response, answer);
      const said = answer as { success?: boolean; failure?: unknown; sessionId?: string };
      if (said.success === false) refused = said.failure;
      expect(JSON.stringify(answer)).not.toContain('sk-canary');
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      refused = error.failure;
    }
    // Deleting goes on where a step fails; the report says so and is no refusal.
    if (refused) {
      expect(refused).toMatchObject({
        code: expect.stringMatching(/^[a-z][a-z0-9_]*$/),
        title: expect.stringMatching(/\S/),
        hint: expect.stringMatching(/\S/),
      });
      expect(kept()).toBe(before);
    }
    const prototype: Record<string, unknown> = {};
    expect(Object.keys(Object.prototype).concat(Object.keys(prototype))).toEqual([]);
  });
  expect(wrongEvents).toEqual([]);
  // A form of many fields is rarely whole by chance.
  expect(answered.size).toBeGreaterThan(channels.length * 0.9);
}, 120_000);
