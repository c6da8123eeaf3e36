import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { finished } from '../command.fixture.ts';
import { keepingHooks } from './hooks.fixture.ts';

const registry = 'https://index.docker.io/v1/';
const login = `{"ServerURL":"${registry}","Username":"ada","Secret":"dckr_pat_1"}`;

/** As docker starts it: by its name, with one word, and a line on its input. */
async function helpers() {
  const hooks = await keepingHooks();
  const say = async (word: string, input: string, as = 'Work') => {
    const program = join(hooks.folder, 'docker-credential-lanyard');
    const child = spawn(program, [word], { env: { ...hooks.env, LANYARD_AS: as } });
    child.stdin.end(input);
    const { code, out, err } = await finished(child);
    return [code, out.toString(), err];
  };
  return { ...hooks, say };
}

it('R-6: docker’s conversation, byte for byte', async () => {
  const { say, events, work } = await helpers();
  const missing = [1, 'credentials not found in native keychain\n', ''];
  expect(await say('list', '')).toEqual([0, '{}\n', '']);
  expect(await say('get', registry)).toEqual(missing);
  expect(await say('store', login)).toEqual([0, '', '']);
  expect(await say('get', `${registry}\n`)).toEqual([0, `${login}\n`, '']);
  expect(await say('list', '')).toEqual([0, `{"${registry}":"ada"}\n`, '']);
  expect(await say('get', registry, 'Client A')).toEqual(missing);
  expect(await say('erase', registry, 'Client A')).toEqual([0, '', '']);
  expect(await say('erase', registry)).toEqual([0, '', '']);
  expect(await say('get', registry)).toEqual(missing);
  const detail = { hook: 'docker', host: registry };
  expect(events.events).toEqual([
    { kind: 'credential.kept', bundleId: work.id, detail },
    { kind: 'credential.issued', bundleId: work.id, detail },
    { kind: 'credential.deleted', bundleId: work.id, detail },
  ]);
});

it('R-6: a second login takes the place of the first, and its secret goes', async () => {
  const { say, vault } = await helpers();
  await say('store', login);
  await say('store', login.replace('"ada"', '"bob"').replace('pat_1', 'pat_2'));
  expect(await say('list', '')).toEqual([0, `{"${registry}":"bob"}\n`, '']);
  expect([...vault.values.values()]).toEqual(['dckr_pat_2']);
});

it('R-6: what is wrong is said in docker’s words, without what came in', async () => {
  const { say } = await helpers();
  expect(await say('get', '')).toEqual([1, 'no credentials server URL\n', '']);
  expect(await say('store', login.replace('ada', ''))).toEqual([1, 'no credentials username\n', '']);
  const [code, out, err] = await say('store', '{"Secret":"dckr_pat_1"');
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain("not docker's credential helper protocol");
  expect(err).not.toContain('dckr_pat_1');
  expect((await say('guess', ''))[0]).toBe(2);
});
