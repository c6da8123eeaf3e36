import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';

/** What happens between the person's part and the end; `null` while the person's part is not done. */
export function phaseText(phase: SessionSnapshot['phase'] | undefined): string | null {
  switch (phase) {
    case 'submitted':
      return 'Waiting for the CLI…';
    case 'checking':
      return 'Checking who signed in…';
    case 'saving':
      return 'Saving…';
    default:
      return null;
  }
}

/** Where a session was when it failed, in words. */
export function stageText(
  stage: { status: SessionSnapshot['status']; phase: SessionSnapshot['phase'] } | null,
): string {
  if (!stage) return 'Not known';
  switch (stage.phase) {
    case 'submitted':
      return 'After the pasted text was handed over';
    case 'checking':
      return 'While checking who signed in';
    case 'saving':
      return 'While saving';
    default:
  }
  if (stage.status === 'url-available') return 'Waiting for the browser';
  if (stage.status === 'code-emitted') return 'Waiting for the code to be entered';
  return "Starting the CLI's sign-in";
}
