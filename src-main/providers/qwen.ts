import { loginFailed, portInUse, unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { ProviderDefinition } from './definition.ts';

export const qwen: ProviderDefinition = {
  id: 'qwen',
  name: 'Qwen Code',
  vendor: 'Alibaba Cloud',
  mark: 'Qw',
  aliases: ['qwen-code', 'qwen-cli'],
  program: {
    names: ['qwen'],
    args: [],
    installCommand: 'npm install -g @qwen-code/qwen-code',
    npmPackage: '@qwen-code/qwen-code',
    version: { args: ['--version'] },
  },
  configDir: { variable: 'QWEN_HOME', usual: '.qwen', seed: [] },
  environment: {
    set: {},
    unset: [
      'OPENROUTER_API_KEY',
      'DASHSCOPE_API_KEY',
      'BAILIAN_CODING_PLAN_API_KEY',
      'OPENAI_API_KEY',
      'QWEN_RUNTIME_DIR',
    ],
  },
  allowedHosts: ['openrouter.ai'],
  // Its own account ("Qwen OAuth") was discontinued; the other two ways are keys.
  flows: [
    {
      id: 'openrouter',
      label: 'OpenRouter account',
      kind: 'browser',
      args: ['auth', 'openrouter'],
      transport: 'pipe',
      paste: { kind: 'callback' },
      patterns: {
        link: 'open this link manually',
        success: 'Successfully configured OpenRouter',
        failures: [
          portInUse('Qwen Code', 3000),
          unreachable('Qwen Code', 'OpenRouter'),
          loginFailed('Qwen Code', 'Failed to (?:configure|authenticate)'),
        ],
      },
      answers: [],
      // It prints its link before it listens, and with port 3000 even where that is taken and it listens on another one.
      opens: 'captured',
      renews: false,
      endsBy: 'exit',
      fixedPort: 3000,
    },
  ],
  // `auth status` exits with 0 also when nobody is signed in.
  proof: { kind: 'credential-file', path: 'settings.json', field: 'env.OPENROUTER_API_KEY' },
  identity: null,
  logout: { args: null },
  apiKey: {
    variable: 'DASHSCOPE_API_KEY',
    accepts: 'sk-[A-Za-z0-9_-]{20,}',
    example: 'sk- and a long run of letters and digits',
    check: {
      url: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/models',
      headers: { authorization: 'Bearer {key}' },
    },
    // Lest a login of the machine's own goes before it.
    home: { seed: [] },
  },
  isolation: ownFileEverywhere("settings.json in the account's directory"),
  selfTest: {
    // Its status names the model of the login, not the key, which is in the same file.
    files: [
      {
        path: 'settings.json',
        json: {
          env: { OPENAI_API_KEY: 'sk-lanyard-self-test-{name}' },
          security: { auth: { selectedType: 'openai' } },
          model: { name: 'lanyard-self-test-{name}' },
        },
      },
    ],
    args: ['auth', 'status'],
    says: 'lanyard-self-test-{name}',
    nobody: 'No authentication method configured',
  },
  verified: '0.15.10',
};
