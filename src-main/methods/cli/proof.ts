import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../../../src-preload/contract/values.ts';
import type { Confirmation, SignedInIdentity } from '../../broker/method.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { plainLabel } from '../../identities/names.ts';
import type { CommandResult } from '../../process/run-command.ts';
import type { IdentityDefinition, ProviderDefinition } from '../../providers/definition.ts';
import { readJsonFile } from './credential-file.ts';
import { isEmptyValue, parseJson, readField } from './field-path.ts';
import { isSuccessText } from './success-text.ts';

/** What finding out needs to know of the attempt. */
export interface ProofContext {
  provider: ProviderDefinition;
  /** Where the CLI keeps its files: the account's directory, or the machine's own for the blank identity; null when unknown. */
  directory: string | null;
  /** Credential files as they were when the attempt began. */
  before: CredentialFileState;
  /** Runs the provider's program with the attempt's environment. */
  runStatus: (args: string[]) => Promise<CommandResult>;
}

/** Size and time of a provider's credential file; null when there is none. */
export type CredentialFileState = string | null;

/** The state to compare with later: a proof by file needs the file to have changed since (S-5). */
export async function credentialFileState(
  provider: ProviderDefinition,
  directory: string | null,
): Promise<CredentialFileState> {
  if (provider.proof.kind !== 'credential-file' || directory === null) return null;
  try {
    const { mtimeMs, size, ino } = await stat(join(directory, provider.proof.path));
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    return null;
  }
}

/** Asks the proof that the provider's definition names, and reads who it is. */
export async function findProof(context: ProofContext): Promise<Confirmation> {
  const { provider } = context;
  const proof = provider.proof;
  let statusJson: unknown;
  if (proof.kind === 'none')
    return { signedIn: false, failure: signInFailures.checkSaysSignedOut(provider.name) };
  if (proof.kind === 'credential-file') {
    const refused = await checkCredentialFile(context, proof);
    if (refused) return { signedIn: false, failure: refused };
  } else {
    const result = await context.runStatus(proof.args);
    if (result.timedOut) {
      return {
        signedIn: false,
        failure: signInFailures.checkFailed(provider.name, 'Its status command did not end.'),
      };
    }
    statusJson = parseJson(result.stdout);
    if (!saysSignedIn(result, statusJson, proof)) {
      return { signedIn: false, failure: signInFailures.checkSaysSignedOut(provider.name) };
    }
  }
  return { signedIn: true, identity: await readWho(provider, statusJson, context.directory) };
}

export function saysSignedIn(
  result: CommandResult,
  statusJson: unknown,
  proof: Extract<ProviderDefinition['proof'], { kind: 'status-command' }>,
): boolean {
  if (result.exitCode !== 0) return false;
  if (proof.json && readField(statusJson, proof.json.field) !== proof.json.equals) return false;
  return proof.text === undefined || isSuccessText(`${result.stdout}\n${result.stderr}`, proof.text);
}

async function checkCredentialFile(
  context: ProofContext,
  proof: Extract<ProviderDefinition['proof'], { kind: 'credential-file' }>,
): Promise<Failure | null> {
  const signedOut = signInFailures.checkSaysSignedOut(context.provider.name);
  if (context.directory === null) return signedOut;
  const now = await credentialFileState(context.provider, context.directory);
  if (now === null || now === context.before) return signedOut;
  if (proof.field === undefined) return null;
  const file = await readJsonFile(join(context.directory, proof.path));
  return isEmptyValue(readField(file.json, proof.field)) ? signedOut : null;
}

const identityFields = [
  'email',
  'login',
  'accountId',
  'organisationId',
  'organisation',
  'plan',
  'issuer',
] as const;

/** Who signed in, as far as the definition's fields lead to text. */
export async function readIdentity(
  definition: IdentityDefinition | null,
  statusJson: unknown,
  directory: string | null,
): Promise<SignedInIdentity> {
  if (!definition) return {};
  let source = statusJson;
  if (definition.from.kind === 'file') {
    source =
      directory === null ? undefined : (await readJsonFile(join(directory, definition.from.path))).json;
  }
  const identity: SignedInIdentity = {};
  for (const field of identityFields) {
    const path = definition[field];
    const value = path === undefined ? undefined : readField(source, path);
    const text =
      typeof value === 'string' ? plainLabel(value) : typeof value === 'number' ? String(value) : '';
    if (text !== '' && text.length <= 320) identity[field] = text;
  }
  return identity;
}

/** Who signed in, from every place that the provider's definition names. */
export async function readWho(
  provider: ProviderDefinition,
  statusJson: unknown,
  directory: string | null,
): Promise<SignedInIdentity> {
  const second = await readIdentity(provider.health?.identity ?? null, statusJson, directory);
  return { ...second, ...(await readIdentity(provider.identity, statusJson, directory)) };
}
