import type { approvalCalls } from '../../../src-preload/contract/approvals.ts';
import type { ApprovalSettings } from '../../command/approval-settings.ts';
import type { Approvals } from '../../command/approvals.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

/** Requests of programs outside of the app, and for which identities they are asked about. */
export function approvalHandlers({
  approvals,
  approvalSettings,
}: {
  approvals: Pick<Approvals, 'waiting' | 'answer' | 'forget'>;
  approvalSettings: Pick<ApprovalSettings, 'all' | 'set'>;
}): HandlersOf<typeof approvalCalls> {
  return {
    'approvals.waiting': () => approvals.waiting(),
    'approvals.answer': ({ requestId, answer }) => outcome(() => approvals.answer(requestId, answer)),
    'approvals.settings': () => ({ modes: approvalSettings.all() }),
    'approvals.setMode': ({ bundleId, mode }) =>
      outcome(() => {
        approvalSettings.set(bundleId, mode);
        approvals.forget(bundleId);
      }),
  };
}
