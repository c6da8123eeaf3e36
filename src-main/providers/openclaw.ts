import { denied, expired, loginFailed, portInUse, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, PatternDefinition, ProviderDefinition } from './definition.ts';

/** After its profile it saves its plugins and models, which takes a while; this line comes last. */
const success = '^Auth profile: ';

const failures: PatternDefinition['failures'] = [
  {
    pattern: 'openclaw: Node [0-9.]+:',
    code: 'runtime_too_old',
    title: 'OpenClaw does not run with this version of Node.',
    hint: 'Install Node 24.16 or later, or 26.1 or later, and try again.',
  },
  {
    pattern: 'requires an interactive TTY',
    code: 'needs_terminal',
    title: 'OpenClaw signs in only in a terminal.',
    hint: 'Try again; if it happens twice, report it with what the program said.',
  },
  denied('access_denied|cancelled'),
  expired('expired_token|[Dd]evice code expired'),
  portInUse('OpenClaw', 1455),
  unreachable('OpenClaw', 'the servers it needs'),
  loginFailed('OpenClaw', '^(?:\\[openclaw\\] )?Error:|failed'),
];

const common = {
  transport: 'pty',
  answers: [],
  opens: 'printed',
  renews: false,
  endsBy: 'exit',
} as const satisfies Partial<FlowDefinition>;

export const openclaw: ProviderDefinition = {
  id: 'openclaw',
  name: 'OpenClaw',
  vendor: 'OpenClaw',
  mark: 'Ow',
  aliases: ['open-claw', 'clawdbot'],
  program: {
    names: ['openclaw'],
    args: [],
    installCommand: 'npm install -g openclaw',
    npmPackage: 'openclaw',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'OPENCLAW_STATE_DIR', usual: '.openclaw', seed: [] },
  environment: {
    set: {},
    unset: [
      'OPENCLAW_AGENT_DIR',
      'OPENCLAW_CONFIG_PATH',
      'COPILOT_GITHUB_TOKEN',
      'GH_TOKEN',
      'GITHUB_TOKEN',
      'OPENAI_API_KEY',
    ],
  },
  allowedHosts: ['github.com', 'auth.openai.com'],
  flows: [
    {
      ...common,
      answers: [],
      id: 'openai-device',
      label: 'ChatGPT account (device code)',
      kind: 'device-code',
      args: ['models', 'auth', 'login', '--provider', 'openai', '--device-code'],
      paste: { kind: 'none' },
      patterns: {
        code: '(?<![A-Z0-9-])([A-Z0-9]{4}-[A-Z0-9]{4,5})(?![A-Za-z0-9-])',
        codeAnchor: '[Cc]ode',
        success,
        failures,
      },
      codeLifetimeSeconds: 900,
      verificationUrl: 'https://auth.openai.com/codex/device',
    },
    {
      ...common,
      answers: [],
      id: 'copilot',
      label: 'GitHub Copilot (device code)',
      kind: 'device-code',
      args: ['models', 'auth', 'login-github-copilot', '--yes'],
      paste: { kind: 'none' },
      patterns: { codeAnchor: 'Code', success, failures },
      codeLifetimeSeconds: 900,
      verificationUrl: 'https://github.com/login/device',
      // It asks GitHub past the proxy, so nothing here could answer it.
      verified: 'unverified',
    },
  ],
  // Not there before a profile is. Its own list of profiles says who it is, but repairs plugins before that, which took a
  // minute without a network.
  proof: { kind: 'credential-file', path: 'agents/main/agent/openclaw-agent.sqlite' },
  identity: null,
  logout: { args: null },
  apiKey: null,
  isolation: ownFileEverywhere("state/openclaw.sqlite in the account's directory"),
  verified: '2026.9.6',
};
