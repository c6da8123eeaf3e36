import { sameEverywhere } from './credential-place.ts';
import type { FlowDefinition, ProviderDefinition } from './definition.ts';
import { isObject } from './extend-definition.ts';
import { withoutProgram } from './without-program.ts';

/**
 * The ways to sign in that every issuer can have. There is no CLI, so there is nothing of one to describe.
 * @param port where the redirect comes back, if that is fixed (I-17); 0 for any
 */
export function issuerFlow(kind: 'browser' | 'device-code', port = 0): FlowDefinition {
  return {
    ...withoutProgram(),
    id: kind === 'browser' ? 'browser' : 'device',
    label: kind === 'browser' ? 'In the browser' : 'With a code',
    kind,
    paste: { kind: kind === 'browser' ? 'callback' : 'none' },
    ...(kind === 'browser' && port > 0 ? { fixedPort: port } : {}),
  };
}

/** Asked of an issuer when nothing else is said: who it is, and a refresh token. */
export const usualScopes = ['openid', 'email', 'profile', 'offline_access'];

/**
 * The whole definition behind a file that names an issuer and little else. What the file gives stands; nothing is
 * checked here, the result is checked as a whole.
 * @param file an object with `issuer`, and `prefers` for the flow that Connect starts
 */
export function completeIssuerFile(file: Record<string, unknown>): Record<string, unknown> {
  const { prefers, ...given } = file;
  const issuer = isObject(file.issuer) ? file.issuer : {};
  const name = typeof file.name === 'string' ? file.name : String(file.id ?? '');
  const flows = [issuerFlow('browser', portOf(issuer.callback)), issuerFlow('device-code')].filter(
    ({ kind }) => hasWay(issuer.endpoints, kind),
  );
  const defaults: Omit<ProviderDefinition, 'id' | 'issuer'> = {
    name,
    vendor: hostOf(issuer.url) ?? name,
    mark: markOf(name),
    aliases: [],
    program: { names: [], args: [], installCommand: null },
    configDir: null,
    environment: { set: {}, unset: [] },
    allowedHosts: [],
    flows: prefers === 'device' ? flows.reverse() : flows,
    proof: { kind: 'none' },
    identity: null,
    logout: null,
    apiKey: null,
    isolation: sameEverywhere({
      kept: 'app',
      where: "Lanyard's own vault",
      keyedBy: 'the account',
      sharedWith: 'nobody',
      known: 'tried',
    }),
    verified: 'built in',
  };
  return {
    ...defaults,
    ...given,
    issuer: isObject(file.issuer)
      ? {
          scopes: usualScopes,
          parameters: {},
          restriction: null,
          ...issuer,
          callback: { port: 0, path: '/callback', ...(isObject(issuer.callback) ? issuer.callback : {}) },
        }
      : file.issuer,
  };
}

/** What the metadata does not say is found out at the sign-in; what was set is known. */
function hasWay(endpoints: unknown, kind: FlowDefinition['kind']): boolean {
  if (!isObject(endpoints)) return true;
  return endpoints[kind === 'browser' ? 'authorize' : 'device'] !== undefined;
}

/** What is no port is for the check of the whole definition to say. */
function portOf(callback: unknown): number {
  const port = isObject(callback) ? callback.port : 0;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port <= 65_535 ? port : 0;
}

function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).host : undefined;
}

/** The first two letters of a name, for where there is no room for it. */
function markOf(name: string): string {
  const letters = [...name].filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  return [...letters, 'I', 'D'].slice(0, 2).join('');
}
