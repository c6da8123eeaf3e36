import type { Failure } from '../../src-preload/contract/values.ts';

/** The ways in which a sign-in fails (S-15): a stable code, a plain title, one next step. */
export const signInFailures = {
  /** @param otherWay what the way to sign in is called that needs no program, if there is one */
  notFound: (name: string, otherWay?: string): Failure => ({
    code: 'program_not_found',
    title: `${name} is not installed, or not where Lanyard looks`,
    hint: `${otherWay ? `Sign in with "${otherWay}". Or install it` : 'Install it'}, or set where its program is in Settings > Providers, then try again.`,
  }),
  couldNotStart: (name: string, detail: string): Failure => ({
    code: 'could_not_start',
    title: `${name} could not be started`,
    hint: 'Run its command in a terminal to see what it says, then try again.',
    detail,
  }),
  needsTerminal: (name: string): Failure => ({
    code: 'needs_terminal',
    title: `${name} wants a terminal for this sign-in`,
    hint: 'Use another way to sign in, or change the transport of this flow to "pty" in a provider file.',
  }),
  exitedWithCode: (
    name: string,
    code: number | null,
    signal: string | null,
    lastLine: string | null,
  ): Failure => ({
    code: 'exited_with_code',
    title:
      code === null
        ? `${name} was ended by ${signal ?? 'the system'} before the sign-in was done`
        : `${name} gave up with exit code ${code}`,
    hint: 'Look at what the CLI said, then try again.',
    ...(lastLine ? { detail: lastLine } : {}),
  }),
  checkSaysSignedOut: (name: string): Failure => ({
    code: 'check_says_signed_out',
    title: `${name} finished, but says that nobody is signed in`,
    hint: 'Try again and finish every step in the browser. Nothing was saved.',
  }),
  nothingYielded: (name: string): Failure => ({
    code: 'nothing_yielded',
    title: `${name} finished without showing a token`,
    hint: 'Look at what the CLI said, then try again. Nothing was saved.',
  }),
  needsIdentity: (name: string): Failure => ({
    code: 'needs_identity',
    title: `This way of signing in to ${name} makes a token, which is kept in an identity`,
    hint: 'Connect it from an identity of yours, or let a new one be made.',
  }),
  checkFailed: (name: string, detail: string): Failure => ({
    code: 'check_failed',
    title: `Lanyard could not find out whether ${name} is signed in`,
    hint: 'Try again. Nothing was saved.',
    detail,
  }),
  timedOut: (seconds: number): Failure => ({
    code: 'timed_out',
    title: `The sign-in timed out after ${seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${seconds} seconds`}`,
    hint: 'Try again, and finish in the browser while this window waits.',
  }),
  cancelled: (): Failure => ({
    code: 'cancelled',
    title: 'The sign-in was cancelled',
    hint: 'Nothing was saved. Connect again whenever you like.',
  }),
  replaced: (): Failure => ({
    code: 'replaced',
    title: 'This sign-in was replaced by a newer sign-in',
    hint: 'Go on with the newer one.',
  }),
  couldNotSave: (detail: string): Failure => ({
    code: 'could_not_save',
    title: 'The sign-in worked, but could not be saved',
    hint: 'Check that the disk is not full and that Lanyard may write to its data directory, then try again.',
    detail,
  }),
  shuttingDown: (): Failure => ({
    code: 'cancelled',
    title: 'The sign-in was cancelled because Lanyard was closed',
    hint: 'Connect again. Nothing was saved.',
  }),
  internal: (): Failure => ({
    code: 'internal_error',
    title: 'Something went wrong inside Lanyard',
    hint: 'Try again. If it happens again, report it with the log file.',
  }),
  unknownProvider: (id: string): Failure => ({
    code: 'unknown_provider',
    title: `There is no provider named "${id}"`,
    hint: 'Pick one from the list of providers.',
  }),
  unknownFlow: (name: string, flow: string): Failure => ({
    code: 'unknown_flow',
    title: `${name} has no way to sign in named "${flow}"`,
    hint: 'Pick one of the ways it has.',
  }),
  badParameter: (name: string, fields: Record<string, string>, labels: readonly string[]): Failure => ({
    code: 'bad_parameter',
    title:
      labels.length === 0
        ? `${name} asks for no such value`
        : `${name} cannot sign in with this: ${labels.join(', ')}`,
    hint: 'Correct it and try again. Nothing was started.',
    fields,
  }),
  /** @param who the other sign-in in words: "Codex as Work" */
  portHeldBySignIn: (port: number, who: string, sessionId: string): Failure => ({
    code: 'port_held_by_sign_in',
    title: `Another sign-in has port ${port}: ${who}`,
    hint: 'Both wait there for the browser, and only one can. End that sign-in, or use a way without the port.',
    blockedBy: { sessionId },
  }),
  portInUse: (name: string, port: number, holder: { pid?: number; program?: string }): Failure => ({
    code: 'port_in_use',
    title: `Port ${port}, which ${name} waits on, is taken`,
    hint: `End ${holder.program ?? 'the program that has it'}, then try again, or use a way without the port.`,
    ...(holder.pid === undefined
      ? {}
      : { detail: `By ${holder.program ?? 'a program'}, process ${holder.pid}.` }),
  }),
  endedForPort: (who: string, port: number): Failure => ({
    code: 'replaced',
    title: `This sign-in was ended for another one: ${who}`,
    hint: `Both need port ${port}. Connect again when that one is done.`,
  }),
  keyOnly: (name: string): Failure => ({
    code: 'key_only',
    title: `${name} has no sign-in`,
    hint: 'Add it with an API key instead.',
  }),
  unknownSession: (): Failure => ({
    code: 'unknown_session',
    title: 'This sign-in is unknown, or was over more than five minutes ago',
    hint: 'Connect again.',
  }),
  ended: (): Failure => ({
    code: 'session_ended',
    title: 'This sign-in has ended: the CLI has exited',
    hint: 'Try again to start a new one.',
  }),
  inputClosed: (): Failure => ({
    code: 'input_closed',
    title: 'The CLI takes no more input',
    hint: 'Finish in the browser, or try again to start a new sign-in.',
  }),
  saving: (): Failure => ({
    code: 'already_saving',
    title: 'The sign-in has worked and is being saved',
    hint: 'Sign out of the account if you do not want it.',
  }),
  pasteNotTaken: (name: string): Failure => ({
    code: 'paste_not_taken',
    title: `${name} takes no pasted text in this way of signing in`,
    hint: 'Follow the link or enter the code in the browser.',
  }),
  notReady: (): Failure => ({
    code: 'not_ready',
    title: 'There is no link yet',
    hint: 'Wait until the link or code is shown.',
  }),
  browserNotOpened: (): Failure => ({
    code: 'browser_launch_failed',
    title: 'Your browser could not be opened',
    hint: 'Copy the link and open it in a browser yourself.',
  }),
};
