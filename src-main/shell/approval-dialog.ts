import { dialog } from 'electron';
import { approvalBox } from '../command/approval-box.ts';
import type { ApprovalAnswer, ApprovalQuestion } from '../command/approvals.ts';

const answers: readonly ApprovalAnswer[] = ['deny', 'once', 'session'];

/**
 * C-22: asks whether something may run. A window of the system's own, which no page can draw or press. Esc, Enter,
 * closing it and the end of the time deny.
 */
export async function askApproval(question: ApprovalQuestion, until: AbortSignal): Promise<ApprovalAnswer> {
  const { response } = await dialog.showMessageBox({ ...approvalBox(question), signal: until });
  return until.aborted ? 'deny' : (answers[response] ?? 'deny');
}
