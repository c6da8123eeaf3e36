import { createSignal, onCleanup } from 'solid-js';
import type { ApprovalRequest } from '../../src-preload/contract/approvals.ts';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { ask } from '../state/ask.ts';
import { coalesce } from '../state/coalesce.ts';

export interface Approvals {
  /** A program outside of the app that waits for the person's answer. */
  request: () => ApprovalRequest | null;
  /** How many wait behind it. */
  behind: () => number;
}

/** Follows what programs outside of the app ask for. Must be called inside a root. */
export function createApprovals(bridge: LanyardBridge): Approvals {
  const [waiting, setWaiting] = createSignal<{ request: ApprovalRequest | null; behind: number }>({
    request: null,
    behind: 0,
  });
  const read = coalesce(async () => {
    const reply = await ask(bridge.approvals.waiting());
    if (reply.ok) setWaiting(reply.value);
  });
  onCleanup(bridge.approvals.onChanged(() => void read()));
  void read();
  return { request: () => waiting().request, behind: () => waiting().behind };
}
