import RefreshCw from 'lucide-solid/icons/refresh-cw';
import { createSignal } from 'solid-js';
import type { BundleView } from '../../src-preload/contract/bundles.ts';
import { Button } from '../components/button.tsx';
import { sentences } from '../format/sentences.ts';
import { needsPerson } from '../state/account-status.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';

/** Looks at every account of an identity now. */
export function CheckAll(props: { bundle: BundleView }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const check = async () => {
    if (busy()) return;
    setBusy(true);
    const { id: bundleId, name } = props.bundle;
    const failure = await attempt(app.bridge.accounts.checkAll({ bundleId }));
    const reply = failure ? null : await ask(app.bridge.bundles.get({ bundleId }));
    setBusy(false);
    if (failure) app.announce(`${name}: ${sentences(failure)}`);
    else if (reply?.ok) app.announce(`${name}: ${summary(reply.value)}`);
  };
  return (
    <Button aria-disabled={busy()} onClick={() => void check()}>
      <RefreshCw size={15} aria-hidden="true" />
      Check all
    </Button>
  );
}

function summary({ accounts }: BundleView): string {
  const waiting = accounts.filter(needsPerson).length;
  const unknown = accounts.filter(({ status }) => status === 'unknown').length;
  const parts = [
    ...(waiting > 0 ? [`${waiting} need you`] : []),
    ...(unknown > 0 ? [`${unknown} could not be checked`] : []),
  ];
  return parts.length > 0 ? `${parts.join(', ')}.` : 'all accounts are signed in.';
}
