import type { Notice } from '../../src-preload/contract/auth.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { OAuthPhase } from '../oauth/progress.ts';
import type { FlowDefinition, ProviderDefinition } from '../providers/definition.ts';
import type { Secret } from '../vault/secret.ts';

/** Who signed in, as far as the provider tells. Provider or issuer, account id and organisation id make the person; the email is a label. */
export interface SignedInIdentity {
  email?: string;
  /** What the provider calls the person, where that is no email: a login name, a role. */
  login?: string;
  issuer?: string;
  accountId?: string;
  organisationId?: string;
  organisation?: string;
  plan?: string;
}

/** What a sign-in method reports, in the order in which it happens. */
export type SignInEvent =
  /** The command as a person may read it; comes first. */
  | { type: 'started'; command: string }
  /** `listed`: on the provider's host list, may be opened. `offered`: a custom provider's, shown but never opened by itself. `captured`: not printed but handed to the opener shim. */
  | { type: 'link'; url: string; trust: 'listed' | 'offered'; source: 'printed' | 'captured' }
  /** A link to a host that is not the provider's: shown as text with a warning. */
  | { type: 'untrusted-link'; url: string }
  /** `lifetimeMs` counts from now; absent where nobody says. `completeUrl` has the code in it (RFC 8628 section 3.3.1). */
  | { type: 'code'; code: string; verificationUrl: string; completeUrl?: string; lifetimeMs?: number }
  /** The CLI waits for pasted text. */
  | { type: 'prompt' }
  /** The CLI refused the pasted text and goes on waiting. */
  | { type: 'paste-rejected'; text: string }
  | { type: 'email'; email: string }
  /** A step of a flow that we run ourselves (O-3). */
  | { type: 'progress'; phase: OAuthPhase }
  | { type: 'notice'; notice: Notice }
  /** One line of output as it was printed, for the transcript, which takes the secrets out when it is read. */
  | { type: 'line'; text: string }
  /** Something says that the sign-in is done (a success line, a changed credential file, exit 0): worth confirming now. */
  | { type: 'completed'; by: 'line' | 'file' | 'exit' }
  /** The attempt is over without success. */
  | { type: 'failed'; failure: Failure };

/** A secret that the CLI printed and keeps nowhere itself: it is what the account is. */
export interface YieldedSecret {
  secret: Secret;
  /** Milliseconds since the Unix epoch, UTC; absent where nobody says. */
  expiresAt?: number;
}

/** The proof that S-5 asks for. */
export type Confirmation =
  | { signedIn: true; identity: SignedInIdentity; yielded?: YieldedSecret }
  | { signedIn: false; failure: Failure };

/** How a session ended. */
export type SignInEnd = { success: true } | { success: false; failure: Failure };

/** What became of pasted text. */
export type Delivery = { delivered: true } | { delivered: false; failure: Failure };

export interface SignInRequest {
  sessionId: string;
  provider: ProviderDefinition;
  flow: FlowDefinition;
  /** The account's directory for this attempt, absolute and existing; `null` for the machine's own config (blank identity). */
  directory: string | null;
  /** Told the process id before anything else can run, so that a crash of ours does not leave it running (I-6). */
  onSpawned: (pid: number) => void;
}

/**
 * One running sign-in. Iterating ends after `completed` by exit, after `failed`, or after `cancel`. A `completed` by
 * line or file may be followed by more events when confirming it said no.
 */
export interface SignInAttempt extends AsyncIterable<SignInEvent> {
  /** Delivers pasted text. Checked first (V-2): on a mismatch nothing is sent. */
  submit(text: string): Promise<Delivery>;
  /** Asks the provider whether somebody is signed in, and who. Safe to call while the CLI still runs. */
  confirm(): Promise<Confirmation>;
  /** Resolves when nothing of the attempt will write to the account's directory any more; it is about to be saved. */
  settle(): Promise<void>;
  /** Told how it ended, before `cancel`: a browser may wait for its page. Ends by itself within seconds. */
  ended?(end: SignInEnd): Promise<void>;
  /**
   * Ends the attempt and everything it started; resolves when nothing of it is left. Before the process was spawned
   * it prevents the spawn (S-10). May be called any number of times, also after the end.
   */
  cancel(): Promise<void>;
}

/** One way to sign in. `start` returns at once and never throws: what goes wrong is a `failed` event. */
export interface SignInMethod {
  start(request: SignInRequest): SignInAttempt;
}
