import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../../../src-preload/contract/values.ts';
import type {
  Confirmation,
  Delivery,
  SignedInIdentity,
  SignInAttempt,
  SignInEnd,
  SignInEvent,
  SignInMethod,
  SignInRequest,
} from '../../broker/method.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import type { Clock } from '../../clock.ts';
import type { SsoServices } from '../../cloud/sources/sso-clients.ts';
import { cachedTime, tokenFile, writeToken } from '../../cloud/sources/sso-token-file.ts';
import { LanyardError } from '../../failures.ts';
import { plainLabel } from '../../identities/names.ts';
import { pollDevice } from '../../oauth/device-poll.ts';
import { issuerLink } from '../../oauth/issuer-link.ts';
import { OAuthError } from '../../oauth/oauth-error.ts';
import { rejectionIn } from '../../oauth/oidc-client.ts';
import type { OAuthPhase } from '../../oauth/progress.ts';
import { ownDirectory } from '../../providers/own-directory.ts';
import type { Redactor } from '../../vault/redact.ts';
import type { Secret } from '../../vault/secret.ts';
import { classifyLink } from '../cli/link-policy.ts';
import { EventQueue } from '../event-queue.ts';
import { writeSeedFiles } from '../seed-files.ts';
import { readSsoConfig, type SsoConfig } from './sso-config.ts';
import { ssoFailure, ssoFailures } from './sso-errors.ts';
import type { SsoRegistration, SsoService, SsoTokens } from './sso-service.ts';

export interface IdentityCenterParts {
  clock: Clock;
  redactor: Pick<Redactor, 'add'>;
  parentEnvironment: NodeJS.ProcessEnv;
  homeDirectory: string;
  /** How AWS is asked. */
  services: SsoServices;
}

/**
 * Signs in at AWS IAM Identity Center without the AWS CLI (RFC 8628, by the SDK). What it leaves is what the CLI leaves:
 * `.aws/config`, and the token in `.aws/sso/cache` under the name that the CLI looks for.
 */
export class IdentityCenterMethod implements SignInMethod {
  readonly #parts: IdentityCenterParts;

  constructor(parts: IdentityCenterParts) {
    this.#parts = parts;
  }

  start(request: SignInRequest): SignInAttempt {
    return new IdentityCenterAttempt(this.#parts, request);
  }
}

/** A token that was given out and is kept nowhere yet. */
interface SignedIn {
  home: string;
  config: SsoConfig;
  service: SsoService;
  registration: SsoRegistration;
  tokens: SsoTokens;
  /** Milliseconds since the Unix epoch, UTC. */
  at: number;
}

class IdentityCenterAttempt implements SignInAttempt {
  readonly #parts: IdentityCenterParts;
  readonly #request: SignInRequest;
  readonly #events = new EventQueue<SignInEvent>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #signedIn: SignedIn | null = null;
  #confirming: Promise<Confirmation> | null = null;

  constructor(parts: IdentityCenterParts, request: SignInRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#running = this.#run();
  }

  [Symbol.asyncIterator](): AsyncIterator<SignInEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  async submit(): Promise<Delivery> {
    return { delivered: false, failure: signInFailures.pasteNotTaken(this.#request.provider.name) };
  }

  confirm(): Promise<Confirmation> {
    this.#confirming = this.#confirm();
    return this.#confirming;
  }

  /** Everything is written by the time that `confirm` says yes. */
  async settle(): Promise<void> {}

  async ended({ success }: SignInEnd): Promise<void> {
    if (success) this.#phase({ phase: 'succeeded' });
  }

  async cancel(): Promise<void> {
    this.#stop.abort();
    this.#events.end();
    await this.#running;
    await this.#confirming;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let region = '';
    try {
      const home = await this.#home();
      const config = await this.#config(home);
      region = config.region;
      if (signal.aborted) return;
      this.#emit({ type: 'started', command: `Sign-in at ${new URL(config.startUrl).host}` });
      // Only now: the SDK is large, and most starts need none of it.
      const { SsoService } = await import('./sso-service.ts');
      const service = new SsoService(region, this.#parts.services, signal);
      const registration = await service.register(config.scopes);
      this.#hide(registration.clientSecret);
      this.#say(`Lanyard is registered with IAM Identity Center in ${region}.`);
      const tokens = await this.#authorize(service, registration, config.startUrl);
      if (signal.aborted) return;
      this.#hide(tokens.accessToken, tokens.refreshToken);
      this.#signedIn = { home, config, service, registration, tokens, at: this.#parts.clock.now() };
      this.#emit({ type: 'completed', by: 'exit' });
    } catch (error) {
      if (!signal.aborted) this.#emit({ type: 'failed', failure: this.#failureOf(error, region) });
    } finally {
      this.#events.end();
    }
  }

  async #authorize(service: SsoService, registration: SsoRegistration, startUrl: string): Promise<SsoTokens> {
    const { clock } = this.#parts;
    const startedAt = clock.now();
    const authorization = await service.startDevice(registration, startUrl);
    this.#hide(authorization.deviceCode);
    const { userCode, verificationUri, verificationUriComplete, lifetimeMs } = authorization;
    const { url, listed } = this.#page(verificationUri);
    this.#emit({ type: 'link', url, trust: listed ? 'listed' : 'offered', source: 'printed' });
    const complete = verificationUriComplete === null ? null : this.#page(verificationUriComplete);
    this.#emit({
      type: 'code',
      code: plainLabel(userCode),
      verificationUrl: url,
      // It is opened in the other one's place, so it is to be known as well.
      ...(complete?.listed === listed ? { completeUrl: complete.url } : {}),
      lifetimeMs,
    });
    this.#say('Waiting for the code to be entered.');
    return pollDevice({
      ask: (code) => service.token(registration, code),
      authorization,
      startedAt,
      clock,
      signal: this.#stop.signal,
    });
  }

  /** A page that AWS sends the person to. @throws OAuthError where it is none that may be opened */
  #page(text: string): { url: string; listed: boolean } {
    const url = issuerLink(text);
    const verdict = classifyLink(url, this.#request.provider.allowedHosts, true);
    return { url, listed: verdict.kind === 'listed' };
  }

  async #confirm(): Promise<Confirmation> {
    const signedIn = this.#signedIn;
    if (!signedIn) return { signedIn: false, failure: signInFailures.ended() };
    try {
      const identity = await this.#person(signedIn);
      if (this.#stop.signal.aborted) return { signedIn: false, failure: signInFailures.ended() };
      this.#phase({ phase: 'persisting-credentials' });
      keep(signedIn);
      return { signedIn: true, identity };
    } catch (error) {
      return { signedIn: false, failure: this.#failureOf(error, signedIn.config.region) };
    }
  }

  /**
   * S-5: the token is worth something when its accounts are listed; a role that was named must be one of its own. The name
   * in a role's session is the person's at IAM Identity Center.
   * @throws OAuthError, LanyardError `role_refused`
   */
  async #person({ service, tokens, config }: SignedIn): Promise<SignedInIdentity> {
    const first = await service.firstRole(tokens.accessToken);
    this.#say('The accounts of the sign-in could be listed.');
    const { role } = config;
    const anyone = { issuer: config.startUrl };
    const asked = role ?? first;
    if (asked === null) return anyone;
    try {
      const keys = await service.roleKeys(tokens.accessToken, asked).catch((error: unknown) => {
        throw role !== null && isRefusal(error) ? new LanyardError(ssoFailures.roleRefused(role)) : error;
      });
      this.#hide(keys.secretAccessKey, keys.sessionToken);
      const { arn, account } = await service.caller(keys);
      if (arn === undefined) return anyone;
      // As the AWS CLI's proof says it, so that either can renew the other's sign-in.
      if (role !== null) {
        return { login: arn, accountId: arn, ...(account === undefined ? {} : { organisationId: account }) };
      }
      const [, name] = /:assumed-role\/[^/]+\/(.+)$/.exec(plainLabel(arn)) ?? [];
      return name === undefined ? anyone : { ...anyone, accountId: name, login: name };
    } catch (error) {
      if (this.#stop.signal.aborted || error instanceof LanyardError) throw error;
      // The sign-in is proven; who it is may be hidden from here, by a policy or a network.
      this.#say('Who it is could not be found out.');
      return anyone;
    }
  }

  /** Where the AWS CLI would keep its files. @throws LanyardError `start_page_unknown` */
  async #home(): Promise<string> {
    const { provider, directory } = this.#request;
    if (directory !== null) {
      await writeSeedFiles(provider, directory);
      return directory;
    }
    const { parentEnvironment, homeDirectory } = this.#parts;
    return ownDirectory(provider, parentEnvironment, homeDirectory) ?? homeDirectory;
  }

  /** @throws LanyardError `start_page_unknown`, `role_incomplete` */
  async #config(home: string): Promise<SsoConfig> {
    const named =
      this.#request.directory === null ? this.#parts.parentEnvironment.AWS_CONFIG_FILE : undefined;
    const text = await readFile(named ?? join(home, '.aws', 'config'), 'utf8').catch(() => '');
    const config = readSsoConfig(text);
    if (config === 'half-a-role') throw new LanyardError(ssoFailures.halfARole());
    if (config === null) throw new LanyardError(ssoFailures.startPageUnknown());
    return config;
  }

  #failureOf(error: unknown, region: string): Failure {
    if (error instanceof LanyardError) return error.failure;
    if (error instanceof OAuthError) {
      this.#phase({ phase: 'failed', stage: error.stage, category: error.category, message: error.message });
      return ssoFailure(error, region);
    }
    const { code } = error as NodeJS.ErrnoException;
    return code === undefined
      ? signInFailures.internal()
      : signInFailures.couldNotSave(`System error: ${code}`);
  }

  /** From now on they stand in no transcript and no log. */
  #hide(...secrets: (Secret | null)[]): void {
    for (const secret of secrets) if (secret) this.#parts.redactor.add(secret);
  }

  #phase(phase: OAuthPhase): void {
    this.#emit({ type: 'progress', phase });
    if (phase.phase === 'failed') this.#say(`${phase.stage}: ${phase.category}, ${phase.message}`);
  }

  /** For the transcript: there is no CLI that would say something. */
  #say(text: string): void {
    this.#emit({ type: 'line', text });
  }

  #emit(event: SignInEvent): void {
    this.#events.push(event);
  }
}

/** In the form of `aws sso login` (2.9): one login, which the CLI and Lanyard use and renew alike. */
function keep({ home, config, registration, tokens, at }: SignedIn): void {
  writeToken(tokenFile(home, config.sessionName), {
    startUrl: config.startUrl,
    region: config.region,
    accessToken: tokens.accessToken.reveal(),
    expiresAt: cachedTime(at + tokens.lifetimeMs),
    clientId: registration.clientId,
    clientSecret: registration.clientSecret.reveal(),
    registrationExpiresAt: cachedTime(registration.expiresAt),
    ...(tokens.refreshToken ? { refreshToken: tokens.refreshToken.reveal() } : {}),
  });
}

/** AWS says no, and would again. */
function isRefusal(error: unknown): boolean {
  const status = rejectionIn(error)?.provider.status ?? 0;
  return status >= 400 && status < 500 && status !== 429;
}
