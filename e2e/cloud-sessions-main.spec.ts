import { expect, test } from '@playwright/test';
import type { LanyardBridge } from '../src-preload/contract.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';

let launched: LaunchedApp;
test.beforeAll(async () => {
  launched = await launchApp();
});
test.afterAll(async () => {
  await launched.close();
});

test('C-7: the built app knows the actions of AWS, and has all of cloud sessions in it', async () => {
  const { list, answer, sources } = await launched.window.evaluate(async () => {
    const { sessions } = Reflect.get(globalThis, 'lanyard') as LanyardBridge;
    return {
      list: await sessions.list(),
      sources: await sessions.sources({ bundleId: 'blank' }),
      answer: await sessions.checkPolicy({
        cloud: 'aws',
        principal: 'role',
        actions: ['s3:Get*', 's3:GetObjekt'],
        deny: [],
        resources: [],
        sourceIps: [],
      }),
    };
  });
  expect(list).toEqual({ ok: true, value: { sessions: [], more: 0, problems: [] } });
  expect(sources).toMatchObject({ ok: true, value: { sources: [{ kind: 'machine' }, {}, {}] } });
  if (!answer.ok) throw new Error(answer.failure.title);
  expect(answer.value.coverage).toMatchObject([{ kind: 'known' }, { kind: 'unknown-action' }]);
  expect(answer.value.coverage[0]?.count).toBeGreaterThan(20);
});
