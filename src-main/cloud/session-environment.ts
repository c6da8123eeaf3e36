import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeEnvironment } from '../process/environment.ts';
import { isSessionId, shortId } from './session-record.ts';

export interface SessionVariablesInput {
  sessionId: string;
  /** Of {@link openSessionDirectory}. */
  directory: string;
  /** What leads to the session's credentials, or holds them. */
  credentials: Record<string, string>;
  region: string | null;
  parent: NodeJS.ProcessEnv;
}

export interface SessionEnvironmentInput extends SessionVariablesInput {
  searchPath: string;
  platform: NodeJS.Platform;
}

/** Files that must exist and be empty, so that no program looks for its own elsewhere. */
const emptyFiles = ['aws/config', 'aws/credentials', 'boto'] as const;
const directories = ['aws', 'gcloud', 'azure', 'azd'] as const;

/** An address at which nobody answers: where a library cannot be told to leave the machine's metadata service alone. */
const nobody = '127.0.0.1:1';

/**
 * C-15: the environment of a program that runs under a session: the allow-listed one of X-5, then the session's.
 */
export function sessionEnvironment(input: SessionEnvironmentInput): Record<string, string> {
  const { parent, searchPath, platform } = input;
  return composeEnvironment({ parent, searchPath, platform, set: sessionVariables(input), unset: [] }).env;
}

/**
 * What a session sets. What clouds keep in the home directory is looked for in the session's own, empty directory:
 * another cloud's login is not there either. Metadata services of the machine are switched off, for they would hand
 * out the machine's own rights.
 *
 * `LANYARD_SESSION` is the short id, for prompts and status lines; `LANYARD_SESSION_ID` marks what was started so.
 */
export function sessionVariables(input: SessionVariablesInput): Record<string, string> {
  const { parent, directory, region } = input;
  return {
    AWS_CONFIG_FILE: join(directory, 'aws', 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'aws', 'credentials'),
    // botocore reads ~/.boto before it asks an endpoint.
    BOTO_CONFIG: join(directory, 'boto'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    CLOUDSDK_CONFIG: join(directory, 'gcloud'),
    // Google's libraries for Go look in the home directory all the same, unless a file is named. This one is not there.
    GOOGLE_APPLICATION_CREDENTIALS: join(directory, 'gcloud', 'application_default_credentials.json'),
    // Google's libraries ask the metadata service of the machine: Node's, Python's, Go's and gcloud.
    METADATA_SERVER_DETECTION: 'none',
    NO_GCE_CHECK: 'true',
    GCE_METADATA_HOST: nobody,
    GCE_METADATA_IP: nobody,
    GCE_METADATA_ROOT: nobody,
    AZURE_CONFIG_DIR: join(directory, 'azure'),
    AZD_CONFIG_DIR: join(directory, 'azd'),
    // Azure's have no switch: they ask the machine's service only where no endpoint is named.
    IDENTITY_ENDPOINT: `http://${nobody}/`,
    IDENTITY_HEADER: 'none',
    ...(region === null ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    ...pastProxies(parent),
    ...input.credentials,
    LANYARD_SESSION: shortId(input.sessionId),
    LANYARD_SESSION_ID: input.sessionId,
  };
}

/**
 * Makes the directory of a session: `<parent>/<id>`, mode 0700, with nothing in it that a cloud's program would find.
 * @param parent absolute
 */
export function openSessionDirectory(parent: string, sessionId: string): string {
  const directory = sessionDirectory(parent, sessionId);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  for (const name of directories) mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
  for (const name of emptyFiles) writeFileSync(join(directory, name), '', { mode: 0o600 });
  return directory;
}

/** Removes it with what programs wrote there. Does nothing when it is gone. */
export function removeSessionDirectory(parent: string, sessionId: string): void {
  rmSync(sessionDirectory(parent, sessionId), { recursive: true, force: true });
}

/** The entry by which programs that were started under a session are known. */
export function sessionMark(sessionId: string): string {
  return `LANYARD_SESSION_ID=${sessionId}`;
}

function sessionDirectory(parent: string, sessionId: string): string {
  if (!isSessionId(sessionId)) throw new Error('not the id of a session');
  return join(parent, sessionId);
}

/** A proxy of the person's must not be asked for the endpoint on this machine. */
function pastProxies(parent: NodeJS.ProcessEnv): Record<string, string> {
  const hasProxy = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].some((name) => parent[name]);
  if (!hasProxy) return {};
  const past = [parent.no_proxy ?? parent.NO_PROXY, '127.0.0.1', 'localhost'].filter(Boolean).join(',');
  return { no_proxy: past, NO_PROXY: past };
}
