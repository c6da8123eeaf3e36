import type { Failure } from '../../src-preload/contract/values.ts';

/** What helps where there is no window to click in; by the failure's code. */
const hints: Readonly<Record<string, string>> = {
  vault_not_chosen: 'Run: lanyard unlock',
  keychain_unavailable:
    'Start a keychain service such as GNOME Keyring or KWallet, or make a sealed file: lanyard unlock',
  sealed_file_locked: 'Run: lanyard unlock',
  sealed_file_unavailable: 'Put it back into the data directory, or make a new one: lanyard unlock',
  sealed_file_corrupt:
    'Put a copy of it back, or move vault.age out of the data directory and make a new one: lanyard unlock',
  persist_failed: 'Make the place where keys are kept ready, then try again: lanyard unlock',
  key_check_unreachable: 'Check the network and try again, or add --no-check to save it as it is.',
  timed_out: 'Try again, and finish in the browser while this command waits.',
};

/** What a system says that does not know either. */
const saysNothing = /^\s*(?:error|unknown|unknown error|undefined|null)[.:]?\s*$/i;

/** The same failure as a terminal says it: its next step is one that can be taken there. */
export function inTerminalWords(failure: Failure): Failure {
  const { detail, ...rest } = failure;
  if (detail !== undefined && saysNothing.test(detail)) return inTerminalWords(rest);
  const hint = Object.hasOwn(hints, failure.code) ? hints[failure.code] : undefined;
  return hint === undefined ? failure : { ...failure, hint };
}
