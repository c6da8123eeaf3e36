import { Secret } from '../vault/secret.ts';
import { noProxy, type ProxyCredentials, type ProxySettings } from './network-settings.ts';

/** What children are told, by files that are there. */
export interface AuthorityFiles {
  /** What was added, for variables that add. */
  added: string;
  /** The system's and what was added, for variables that replace. */
  all: string;
}

export interface ChildNetwork {
  proxy: ProxySettings;
  credentials: ProxyCredentials | null;
  /** What the system's own settings say, where variables do not: `http://host:port`. */
  systemProxy: string | null;
  authorities: AuthorityFiles | null;
}

/** Variables for a child; null takes one out. A proxy's password stands in `secrets` alone. */
export interface NetworkVariables {
  set: Record<string, string | null>;
  secrets: Record<string, Secret>;
}

const bothCases = (name: string) => [name, name.toLowerCase()];
const proxyVariables = ['HTTPS_PROXY', 'HTTP_PROXY'].flatMap(bothCases);
const anyProxy = [...proxyVariables, ...bothCases('ALL_PROXY')];

/** These add to what a program trusts anyway. */
const adding = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'];
/** These take the place of it (curl 7.88, git 2.39, OpenSSL and Go, Python's requests, AWS CLI 2, gcloud, cargo, codex 0.169). */
const replacing = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
  'CARGO_HTTP_CAINFO',
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
  'CODEX_CA_CERTIFICATE',
];

/**
 * How children find the network: the variables that programs read for proxies and authorities.
 * @param parent what they would inherit otherwise
 */
export function networkVariables(network: ChildNetwork, parent: NodeJS.ProcessEnv): NetworkVariables {
  const { set, secrets } = proxyFor(network, parent);
  const { authorities } = network;
  if (authorities) {
    for (const name of adding) set[name] = authorities.added;
    for (const name of replacing) set[name] = authorities.all;
  }
  return { set, secrets };
}

/**
 * What a child inherits, with what it is told of the network. A proxy's password is not in it: where that is needed, the
 * whole variable is a secret.
 */
export function withNetwork(
  parent: NodeJS.ProcessEnv,
  { set, secrets }: NetworkVariables,
): NodeJS.ProcessEnv {
  const taken = Object.keys({ ...set, ...secrets });
  return Object.fromEntries([
    ...Object.entries(parent).filter(([name]) => !taken.includes(name)),
    ...Object.entries(set).filter(([name, value]) => value !== null && !(name in secrets)),
  ]) as NodeJS.ProcessEnv;
}

function proxyFor(
  { proxy, credentials, systemProxy }: ChildNetwork,
  parent: NodeJS.ProcessEnv,
): NetworkVariables {
  switch (proxy.mode) {
    case 'system': {
      // What the person's variables say goes before what the desktop says, as it does for Lanyard's own requests.
      if (systemProxy === null || anyProxy.some((name) => parent[name])) return { set: {}, secrets: {} };
      return { set: allOf(proxyVariables, systemProxy, noProxy([])), secrets: {} };
    }
    case 'none':
      // Some programs would ask the system themselves.
      return {
        set: { ...Object.fromEntries(anyProxy.map((name) => [name, null])), ...allOf([], '', '*') },
        secrets: {},
      };
    case 'manual': {
      const { address, bypass } = proxy;
      const set = {
        ...Object.fromEntries(bothCases('ALL_PROXY').map((name) => [name, null])),
        ...allOf(proxyVariables, address, noProxy(bypass)),
        // Without it Node's own requests go past them (24.5 or later).
        NODE_USE_ENV_PROXY: '1',
      };
      if (!credentials) return { set, secrets: {} };
      const secret = new Secret(withUser(address, credentials));
      return { set, secrets: Object.fromEntries(proxyVariables.map((name) => [name, secret])) };
    }
  }
}

function allOf(names: string[], value: string, except: string): Record<string, string | null> {
  return Object.fromEntries([
    ...names.map((name) => [name, value]),
    ...bothCases('NO_PROXY').map((name) => [name, except]),
  ]);
}

function withUser(address: string, { user, password }: ProxyCredentials): string {
  const [scheme, rest] = address.split('://');
  return `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password.reveal())}@${rest}`;
}
