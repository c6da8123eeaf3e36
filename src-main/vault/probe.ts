import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { Secret } from './secret.ts';
import type { Vault, VaultFault } from './vault.ts';

/**
 * The second process of the self-test: this app, started in a mode in which it reads one entry and says what it
 * found. What it needs comes on its input, never in its arguments or its environment; the value does not come back,
 * only its hash.
 */
const RequestSchema = v.variant('backend', [
  v.object({ backend: v.literal('keychain'), service: v.string(), account: v.string() }),
  v.object({
    backend: v.literal('sealed-file'),
    service: v.string(),
    account: v.string(),
    path: v.string(),
    /** The file's own key: it was unlocked in the first process. */
    key: v.string(),
  }),
]);
export type ProbeRequest = v.InferOutput<typeof RequestSchema>;

const AnswerSchema = v.union([
  v.object({ status: v.literal('ok'), sha256: v.string() }),
  v.object({ status: v.literal('not-found') }),
  v.object({
    status: v.picklist(['locked', 'denied', 'unavailable', 'corrupt', 'unwritable', 'timed-out']),
    backend: v.nullable(v.picklist(['keychain', 'sealed-file'])),
    detail: v.string(),
  }),
]);
export type ProbeAnswer = v.InferOutput<typeof AnswerSchema>;

/** Before the answer, since a desktop program may print other things, too. */
const mark = 'lanyard-vault-probe:';

export interface ProbeVaults {
  keychain: Vault;
  /** Opens the sealed file with its own key. */
  sealedFile: (path: string, key: Secret) => Promise<Vault | VaultFault>;
}

/** The second process's side: the text to print for the text that came. @throws on a request that is none */
export async function answerProbe(input: Secret, vaults: ProbeVaults): Promise<string> {
  const request = v.parse(RequestSchema, JSON.parse(input.reveal()));
  return `${mark}${JSON.stringify(await look(request, vaults))}\n`;
}

async function look(request: ProbeRequest, vaults: ProbeVaults): Promise<ProbeAnswer> {
  const vault =
    request.backend === 'keychain'
      ? vaults.keychain
      : await vaults.sealedFile(request.path, new Secret(request.key));
  if ('status' in vault) return vault;
  const read = await vault.get({ service: request.service, account: request.account });
  return read.status === 'ok' ? { status: 'ok', sha256: sha256(read.secret) } : read;
}

/** The first process's side: what goes to the second one's input. */
export function probeInput(request: ProbeRequest): Secret {
  return new Secret(`${JSON.stringify(request)}\n`);
}

/** What the second process printed; `null` when there is no answer in it. */
export function readProbeAnswer(output: string): ProbeAnswer | null {
  const line = output.split('\n').find((each) => each.startsWith(mark));
  if (!line) return null;
  try {
    return v.parse(AnswerSchema, JSON.parse(line.slice(mark.length)));
  } catch {
    return null;
  }
}

export function sha256(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('hex');
}
