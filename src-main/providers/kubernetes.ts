import { denied, expired, loginFailed, portInUse, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type {
  FlowDefinition,
  ParameterDefinition,
  PatternDefinition,
  ProviderDefinition,
} from './definition.ts';

/** The token itself is what it prints when it is done; the redactor takes it out of the transcript. */
const success = '"kind":"ExecCredential"';

const failures: PatternDefinition['failures'] = [
  {
    pattern: 'required flag\\(s\\) .*oidc-(?:issuer-url|client-id)',
    code: 'issuer_unknown',
    title: 'Kubelogin does not know which issuer to sign in at.',
    hint: 'Try again with the issuer and client id of your cluster.',
  },
  {
    pattern:
      'oidc: issuer (?:URL provided|did not match)|oidc discovery error|could not initialize the OpenID Connect client',
    code: 'issuer_wrong',
    title: 'There is no OpenID Connect issuer at this address.',
    hint: 'Compare it, letter by letter, with the issuer URL of your cluster, then try again.',
  },
  denied('access_denied'),
  expired('expired_token'),
  portInUse('Kubelogin', 8000),
  unreachable('Kubelogin', 'the issuer'),
  loginFailed('Kubelogin', '^error: |authentication error'),
];

const parameters: ParameterDefinition[] = [
  {
    id: 'issuer',
    label: 'Issuer URL',
    hint: 'As in the cluster and in your kubeconfig, which must name the same issuer and client.',
    example: 'https://login.acme.example',
    accepts: '[^#?]+',
    required: true,
    kind: 'url',
  },
  {
    id: 'clientId',
    label: 'Client id',
    example: 'kubernetes',
    accepts: '[\\x21-\\x7e]+',
    required: true,
    kind: 'text',
  },
];
const issuer = ['--oidc-issuer-url={param:issuer}', '--oidc-client-id={param:clientId}'];

const common = {
  transport: 'pipe',
  answers: [],
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

/** From the documentation and source of kubelogin 1.35; it could not be had for trying. */
export const kubernetes: ProviderDefinition = {
  id: 'kubernetes',
  name: 'Kubernetes OIDC',
  vendor: 'kubelogin',
  mark: 'Ku',
  aliases: ['kubelogin', 'k8s', 'kubectl-oidc-login'],
  program: {
    names: ['kubectl-oidc_login', 'kubelogin'],
    args: [],
    installCommand: 'kubectl krew install oidc-login',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'KUBECACHEDIR', usual: '.kube/cache', seed: [] },
  environment: { set: {}, unset: [] },
  // Every company has its own issuer. Google's and Microsoft's send people to another of their hosts.
  allowedHosts: ['{param:issuer}', 'www.google.com', 'microsoft.com', 'microsoftonline.com'],
  flows: [
    {
      ...common,
      answers: [],
      parameters,
      id: 'device',
      label: 'Device code',
      kind: 'device-code',
      args: ['get-token', ...issuer, '--grant-type=device-code', '--skip-open-browser'],
      paste: { kind: 'none' },
      patterns: {
        link: 'visit the following URL in your browser',
        // The issuer decides what its codes look like.
        code: 'enter the following code when asked in your browser: ([A-Za-z0-9-]{4,32})',
        success,
        failures,
      },
      opens: 'printed',
    },
    {
      ...common,
      answers: [],
      parameters,
      id: 'browser',
      label: 'Browser',
      kind: 'browser',
      args: ['get-token', ...issuer, '--grant-type=authcode', '--skip-open-browser'],
      paste: { kind: 'callback' },
      patterns: { link: 'visit the following URL in your browser', success, failures },
      opens: 'printed',
      // To 18000: where a paste goes is read from the link, not from here.
      fixedPort: 8000,
      portMayMove: true,
    },
  ],
  // The token's file is named by a hash of issuer and client. Asking the program again would sign in again.
  proof: { kind: 'credential-file', path: 'oidc-login' },
  identity: null,
  logout: { args: null },
  apiKey: null,
  isolation: ownFileEverywhere("oidc-login in the account's directory", 'documented'),
  verified: 'unverified',
};
