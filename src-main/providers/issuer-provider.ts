import { sameEverywhere } from './credential-place.ts';
import type { FlowDefinition, ProviderDefinition } from './definition.ts';
import { isObject } from './extend-definition.ts';

/** The ways to sign in that every issuer can have. There is no CLI, so there is nothing of one to describe. */
export function issuerFlow(kind: 'browser' | 'device-code'): FlowDefinition {
  return {
    id: kind === 'browser' ? 'browser' : 'device',
    label: kind === 'browser' ? 'In the browser' : 'With a code',
    kind,
    args: [],
    transport: 'pipe',
    paste: { kind: kind === 'browser' ? 'callback' : 'none' },
    patterns: { failures: [] },
    answers: [],
    opens: 'printed',
    renews: false,
    endsBy: 'exit',
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
  const flows = [issuerFlow('browser'), issuerFlow('device-code')];
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

function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).host : undefined;
}

/** The first two letters of a name, for where there is no room for it. */
function markOf(name: string): string {
  const letters = [...name].filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  return [...letters, 'I', 'D'].slice(0, 2).join('');
}
