import { expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import type { AuditEvent } from '../journal/audit.ts';
import { LinkRequests } from './link-requests.ts';

function scene() {
  const ran: [string, readonly string[]][] = [];
  const recorded: AuditEvent[] = [];
  let changes = 0;
  let ids = 0;
  let refusal: LanyardError | null = null;
  const requests = new LinkRequests({
    provider: (name) => (['codex', 'openai'].includes(name) ? { id: 'codex', name: 'Codex' } : null),
    bundles: () => [
      { id: 'b1', name: 'Work', blank: false },
      { id: 'b2', name: 'Client A', blank: false },
      { id: 'b3', name: 'client a', blank: false },
      { id: 'blank', name: 'No credentials', blank: true },
    ],
    run: async (bundleId, command) => {
      if (refusal) throw refusal;
      ran.push([bundleId, command]);
    },
    newId: () => `link-${++ids}`,
    audit: { record: (event) => recorded.push(event) },
    onChanged: () => {
      changes += 1;
    },
  });
  const refuse = (failure: LanyardError) => {
    refusal = failure;
  };
  return { requests, ran, recorded, refuse, changes: () => changes };
}

it('R-9: a link to run something waits with all of it in view, and runs only when it is allowed', async () => {
  const { requests, ran, recorded, changes } = scene();
  requests.receive('lanyard://run?as=Work&command=codex%20exec%20%22do%20it%22');
  expect(requests.waiting()).toEqual({
    kind: 'run',
    linkId: 'link-1',
    bundleId: 'b1',
    bundleName: 'Work',
    command: ['codex', 'exec', 'do it'],
  });
  expect(changes()).toBe(1);
  expect(ran).toEqual([]);
  await requests.answer('link-1', true);
  expect(ran).toEqual([['b1', ['codex', 'exec', 'do it']]]);
  expect(requests.waiting()).toBeNull();
  expect(changes()).toBe(2);
  expect(recorded).toEqual([
    { kind: 'link.allowed', bundleId: 'b1', detail: { asked: 'run', program: 'codex' } },
  ]);
});

it('R-9: denied, nothing runs; an answer counts once', async () => {
  const { requests, ran, recorded } = scene();
  requests.receive('lanyard://run?as=Work&command=id');
  await requests.answer('link-1', false);
  await expect(requests.answer('link-1', true)).rejects.toMatchObject({ failure: { code: 'link_gone' } });
  expect(ran).toEqual([]);
  expect(recorded.map(({ kind }) => kind)).toEqual(['link.denied']);
});

it('R-9: a second link does not take the place of the one that is being read', async () => {
  const { requests, ran } = scene();
  requests.receive('lanyard://run?as=Work&command=ls');
  requests.receive('lanyard://run?as=Work&command=rm%20-rf%20x');
  requests.receive('lanyard://nonsense');
  expect(requests.waiting()).toMatchObject({ command: ['ls'] });
  await expect(requests.answer('link-2', true)).rejects.toMatchObject({ failure: { code: 'link_gone' } });
  await requests.answer('link-1', true);
  expect(ran).toEqual([['b1', ['ls']]]);
});

it('R-9: a link to connect names the provider by its id, also when an alias was written', () => {
  const { requests } = scene();
  requests.receive('lanyard://connect?provider=openai&as=work');
  expect(requests.waiting()).toMatchObject({
    kind: 'connect',
    providerId: 'codex',
    providerName: 'Codex',
    bundleId: 'b1',
    bundleName: 'Work',
  });
});

it('R-9: without an identity it goes into a new one', () => {
  const { requests } = scene();
  requests.receive('lanyard://connect?provider=codex');
  expect(requests.waiting()).toMatchObject({ bundleId: null, bundleName: null });
});

it.each([
  ['lanyard://connect?provider=nobody', 'unknown_provider'],
  ['lanyard://connect?provider=codex&as=Nobody', 'unknown_bundle'],
  ['lanyard://connect?provider=codex&as=No%20credentials', 'unknown_bundle'],
  ['lanyard://connect?provider=codex&as=CLIENT%20A', 'unknown_bundle'],
  ['lanyard://run?as=b1&command=ls', 'unknown_bundle'],
  ['lanyard://run?as=Work', 'bad_link'],
])('R-9: %s is answered with what is wrong (%s) and does nothing', async (link, code) => {
  const { requests, ran, recorded } = scene();
  requests.receive(link);
  expect(requests.waiting()).toMatchObject({ kind: 'refused', failure: { code } });
  await requests.answer('link-1', true);
  expect(ran).toEqual([]);
  expect(recorded).toEqual([{ kind: 'link.refused', detail: { code } }]);
});

it('R-9: a refusal that was not read gives way to a link that can be used', () => {
  const { requests } = scene();
  requests.receive('lanyard://nonsense');
  requests.receive('lanyard://connect?provider=codex&as=Client%20A');
  expect(requests.waiting()).toMatchObject({ kind: 'connect', bundleId: 'b2' });
});

it('R-9: what stands in the way of running it reaches the person', async () => {
  const { requests, refuse } = scene();
  refuse(new LanyardError({ code: 'account_needs_sign_in', title: 'no', hint: 'sign in' }));
  requests.receive('lanyard://run?as=Work&command=ls');
  await expect(requests.answer('link-1', true)).rejects.toMatchObject({
    failure: { code: 'account_needs_sign_in' },
  });
});
