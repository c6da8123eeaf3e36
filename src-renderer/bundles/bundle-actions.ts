import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { ask, attempt } from '../state/ask.ts';
import type { App } from '../state/create-app.ts';

type Named = Pick<BundleSummary, 'id' | 'name'>;

/**
 * Makes a copy that shares the accounts, and offers to take it back.
 * @returns why it did not work, or `null`
 */
export async function duplicateBundle(app: App, original: Named): Promise<Failure | null> {
  const reply = await ask(app.bridge.bundles.duplicate({ bundleId: original.id }));
  if (!reply.ok) return reply.failure;
  const { bundleId: id, name } = reply.value;
  app.showNote({
    text: `${name} was made. It shares the accounts of ${original.name}.`,
    action: { label: 'Undo', run: () => void undoDuplicate(app, { id, name }) },
  });
  return null;
}

/** Only while nothing was connected to the copy: that would be signed out. */
async function undoDuplicate(app: App, copy: Named): Promise<void> {
  const plan = await ask(app.bridge.bundles.planDelete({ bundleId: copy.id }));
  if (plan.ok && plan.value.removed.length > 0) {
    app.showNote({
      text: `${copy.name} has accounts of its own by now. Delete it in Settings > Identities if you want to.`,
    });
    return;
  }
  const failure = await attempt(app.bridge.bundles.delete({ bundleId: copy.id }));
  app.showNote({ text: failure ? failure.title : `${copy.name} was taken back.` });
}

/** Makes a bundle the one that new windows start with. */
export async function makeDefault(app: App, bundle: Named): Promise<Failure | null> {
  const failure = await attempt(app.bridge.bundles.setDefault({ bundleId: bundle.id }));
  if (!failure) app.announce(`${bundle.name} is the default now.`);
  return failure;
}
