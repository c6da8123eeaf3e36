import type { ApprovalMode, ApprovalRequest } from '../../src-preload/contract/approvals.ts';
import { formatSpan } from '../format/time.ts';

/** What a yes would hand out, in one sentence. */
export function wishWords({ what, bundleName, session }: ApprovalRequest): string {
  switch (what) {
    case 'run':
      return session
        ? `It wants to run a command as ${bundleName}, under a cloud session, with the identity's other accounts.`
        : `It wants to run a command as ${bundleName}. The command can use every account in it.`;
    case 'env':
      return `It wants the variables of ${bundleName}: the keys and logins of every account in it.`;
    case 'token':
      return `It wants an access token of an account in ${bundleName}.`;
    case 'session':
      return `It wants a cloud session of ${bundleName}.`;
    case 'credential':
      return `It wants a credential of an account in ${bundleName}.`;
  }
}

/** How long a session lasts: `1 h`. */
export function lastsWords(seconds: number): string {
  return `at most ${formatSpan(seconds * 1000)}`;
}

export const modeOptions: readonly { value: ApprovalMode; label: string }[] = [
  { value: 'off', label: 'Do not ask' },
  { value: 'first', label: 'Ask the first time for each program' },
  { value: 'always', label: 'Ask every time' },
];
