import type { Progress, SessionSnapshot } from '../../src-preload/contract/auth.ts';

/** What happens between the person's part and the end; `null` while the person's part is not done. */
export function phaseText(phase: SessionSnapshot['phase'] | undefined, progress?: Progress): string | null {
  switch (phase) {
    case 'submitted':
      // Only what we run ourselves tells its steps.
      return progress ? (progressText(progress) ?? 'Checking what you pasted…') : 'Waiting for the CLI…';
    case 'checking':
      return 'Checking who signed in…';
    case 'saving':
      return 'Saving…';
    default:
      return progress ? progressText(progress) : null;
  }
}

/** The steps of a flow that Lanyard runs itself (O-4); `null` for those that the person sees anyway. */
function progressText({ phase, attempt }: Progress): string | null {
  switch (phase) {
    case 'binding-local-server':
      return `The port is busy, trying again (${attempt ?? 2})…`;
    case 'previous-login-server-detected':
      return 'An earlier sign-in had the port; it is being ended…';
    case 'callback-received':
      return 'The browser came back, asking for the tokens…';
    case 'persisting-credentials':
      return 'Saving…';
    case 'opening-browser':
    case 'failed':
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
