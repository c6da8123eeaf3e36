import { describe, expect, it } from 'vitest';
import { antigravity } from '../../providers/antigravity.ts';
import { aws } from '../../providers/aws.ts';
import { azure } from '../../providers/azure.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { kimi } from '../../providers/kimi.ts';
import { kubernetes } from '../../providers/kubernetes.ts';
import { openclaw } from '../../providers/openclaw.ts';
import { opencode } from '../../providers/opencode.ts';
import { fillDefinition } from '../../providers/parameters.ts';
import { pi } from '../../providers/pi.ts';
import { qwen } from '../../providers/qwen.ts';
import { chunksOf, type Outcome, replay, type Stream } from './replay.fixture.ts';

/** What a program prints, put together from its documentation, its source, or a run that was watched. */
function printed(
  definition: ProviderDefinition,
  flowId: string,
  lines: string[],
  stream: Stream = 'stdout',
): Promise<Outcome> {
  const asking = definition.flows.find(({ id }) => id === flowId);
  if (!asking) throw new Error(`${definition.id} has no flow ${flowId}`);
  const examples = Object.fromEntries((asking.parameters ?? []).map(({ id, example }) => [id, example]));
  const { provider, flow } = fillDefinition(definition, asking, examples);
  const newline = flow.transport === 'pty' ? '\r\n' : '\n';
  const text = lines.map((line) => `${line}${newline}`).join('');
  return replay(
    {
      flow,
      mode: flow.transport,
      columns: 1200,
      rows: 60,
      allowedHosts: provider.allowedHosts,
      chunks: chunksOf(text, stream),
    },
    chunksOf(text, stream),
  );
}

const told = (outcome: Outcome) =>
  outcome.events.flatMap((event) => {
    if (event.type === 'line') return [];
    if (event.type === 'link') return [`link ${event.url}`];
    if (event.type === 'code') return [`code ${event.code} at ${event.verificationUrl}`];
    if (event.type === 'question') return [`answer ${JSON.stringify(event.reply)}`];
    return [event.type];
  });

describe('documented logins', () => {
  it('kubelogin by device code, as its source prints it', async () => {
    const outcome = await printed(
      kubernetes,
      'device',
      [
        'Please enter the following code when asked in your browser: WDJB-MJHT',
        'Please visit the following URL in your browser: https://login.acme.example/device',
      ],
      'stderr',
    );
    expect(told(outcome)).toEqual([
      'link https://login.acme.example/device',
      'code WDJB-MJHT at https://login.acme.example/device',
    ]);
  });

  it('kubelogin in the browser, and what it prints when it has a token', async () => {
    const link = 'https://login.acme.example/auth?response_type=code&state=s1';
    const outcome = await printed(kubernetes, 'browser', [
      `Please visit the following URL in your browser: ${link}`,
      '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"eyJ"}}',
    ]);
    expect(told(outcome)).toEqual([`link ${link}`, 'completed']);
  });

  it('L-1: kubelogin at the issuer that the person named, and at no other host below or beside it', async () => {
    for (const url of ['https://evil.login.acme.example/device', 'https://login.evil.example/device']) {
      const outcome = await printed(
        kubernetes,
        'device',
        [`Please visit the following URL in your browser: ${url}`],
        'stderr',
      );
      expect(told(outcome)).toEqual(['untrusted-link']);
    }
  });

  it('kubelogin without an issuer says so', async () => {
    const outcome = await printed(kubernetes, 'device', [
      'Error: required flag(s) "oidc-client-id", "oidc-issuer-url" not set',
    ]);
    expect(outcome.failure).toBe('issuer_unknown');
  });

  it('agy answers its question about the account, and takes a code', async () => {
    const outcome = await printed(antigravity, 'browser', [
      'Welcome to the Antigravity CLI. You are currently not signed in.',
      'Select login method:',
      '> 1. Google OAuth',
      '  2. Use a Google Cloud project',
      'https://accounts.google.com/o/oauth2/auth?client_id=x&state=s1',
      'Paste the authorization code:',
    ]);
    expect(told(outcome)).toEqual([
      'answer ""',
      'link https://accounts.google.com/o/oauth2/auth?client_id=x&state=s1',
      'prompt',
    ]);
  });

  it('the AWS CLI from 2.22 on, in the browser', async () => {
    const link =
      'https://oidc.eu-central-1.amazonaws.com/authorize?response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%3A40000%2Foauth%2Fcallback&state=s1';
    const outcome = await printed(aws, 'browser', [
      'Browser will not be automatically opened.',
      'Please visit the following URL:',
      '',
      link,
    ]);
    expect(told(outcome)).toEqual([`link ${link}`]);
  });

  it.each([
    ['Unknown options: --use-device-code', 'program_too_old'],
    [
      'Missing the following required SSO configuration values: sso_start_url, sso_region. To make sure this profile is properly configured to use SSO, please run: aws configure sso',
      'start_page_unknown',
    ],
  ])('the AWS CLI 2.9.19: %s', async (line, code) => {
    expect((await printed(aws, 'device', [line], 'stderr')).failure).toBe(code);
  });
});

/** Copied from runs against servers on this machine, shortened. */
describe('watched logins', () => {
  it('kimi 2.1.0', async () => {
    const link = 'https://www.kimi.com/code/authorize_device?user_code=ABCD-1234';
    const outcome = await printed(
      kimi,
      'device',
      [
        '',
        `Opening browser for Kimi device login: ${link}`,
        'If the browser did not open, paste the URL above and enter code: ABCD-1234',
        'Code expires in 1800s.',
        'Waiting for authorization to complete…',
        'Logged in to managed:kimi-code.',
      ],
      'stderr',
    );
    expect(told(outcome)).toEqual([`link ${link}`, `code ABCD-1234 at ${link}`, 'completed']);
  });

  it('kimi 2.1.0 without a network', async () => {
    const outcome = await printed(kimi, 'device', [
      'Login failed: OAuth request to https://auth.kimi.com/api/oauth/device_authorization failed: fetch failed: getaddrinfo ENOTFOUND auth.kimi.com',
    ]);
    expect(outcome.failure).toBe('provider_unreachable');
    expect(told(outcome)).toEqual([]);
  });

  it('az 2.91.0 by device code', async () => {
    const outcome = await printed(
      azure,
      'device',
      [
        'To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code HX7KQ2P9D to authenticate.',
      ],
      'stderr',
    );
    expect(told(outcome)).toEqual([
      'link https://microsoft.com/devicelogin',
      'code HX7KQ2P9D at https://microsoft.com/devicelogin',
    ]);
  });

  it('az 2.91.0 in the browser prints a page that nobody can use, and it is not offered', async () => {
    const outcome = await printed(
      azure,
      'browser',
      [
        'WARNING: A web browser has been opened at https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize. Please continue the login in the web browser.',
      ],
      'stderr',
    );
    expect(told(outcome)).toEqual([]);
  });

  it('qwen 0.15.10', async () => {
    const link =
      'https://openrouter.ai/auth?callback_url=http%3A%2F%2Flocalhost%3A3000%2Fopenrouter%2Fcallback&state=s1';
    const outcome = await printed(qwen, 'openrouter', [
      'Processing OpenRouter authentication...',
      `Starting OpenRouter OAuth in your browser. If needed, open this link manually: ${link}`,
      'Successfully configured OpenRouter.',
    ]);
    expect(told(outcome)).toEqual([`link ${link}`, 'completed']);
  });

  it('opencode 1.18.33 with ChatGPT, by device code', async () => {
    const outcome = await printed(opencode, 'openai-device', [
      '┌  Add credential',
      '●  Go to: https://auth.openai.com/codex/device',
      '│',
      '●  Enter code: WXYZ-12345',
      '◇  Login successful',
    ]);
    expect(told(outcome)).toEqual([
      'link https://auth.openai.com/codex/device',
      'code WXYZ-12345 at https://auth.openai.com/codex/device',
      'completed',
    ]);
  });

  it('pi 0.73.1 is driven to the account that was chosen', async () => {
    const menu = [
      ' escape interrupt · ctrl+c/ctrl+d clear/exit · / commands · ! bash · ctrl+o more',
      ' Select authentication method:',
      ' → Use a subscription',
      '   Use an API key',
      ' Select provider to configure:',
      ' → Anthropic (Claude Pro/Max) • unconfigured',
      '   ChatGPT Plus/Pro (Codex Subscription) • unconfigured',
      '   GitHub Copilot • unconfigured',
    ];
    const copilot = await printed(pi, 'copilot', [
      ...menu,
      ' Login to GitHub Copilot',
      ' GitHub Enterprise URL/domain (blank for github.com)',
      ' https://github.com/login/device',
      ' Enter code: FD3B-500B',
      ' Logged in to GitHub Copilot. Selected gpt-5.4. Credentials saved to /home/ada/acc/auth.json',
    ]);
    expect(told(copilot)).toEqual([
      'answer "/login"',
      'answer ""',
      'answer "copilot"',
      'answer ""',
      'link https://github.com/login/device',
      'code FD3B-500B at https://github.com/login/device',
      'completed',
    ]);
    const chatGpt = await printed(pi, 'openai', menu);
    expect(told(chatGpt)).toEqual(['answer "/login"', 'answer ""', 'answer "chatgpt"']);
  });

  it.each([
    ['GitHub Copilot: Device flow timed out', 'device_code_expired'],
    ['ChatGPT: listen EADDRINUSE: address already in use 127.0.0.1:1455', 'port_in_use'],
    ['Anthropic: fetch failed', 'provider_unreachable'],
    ['Anthropic: Token exchange failed', 'login_failed'],
  ])('pi 0.73.1 goes on after it has failed, as its source prints it: %s', async (reason, code) => {
    const outcome = await printed(pi, 'claude', [` Error: Failed to login to ${reason}`]);
    expect(told(outcome)).toEqual(['final-failure']);
    expect(outcome.failure).toBe(code);
    expect((await printed(pi, 'claude', [' Warning: no new version: fetch failed'])).failure).toBeNull();
  });

  it('openclaw 2026.9.6 says it is done after its profile was saved', async () => {
    const outcome = await printed(openclaw, 'openai-device', [
      '◇  OpenAI Codex device code ──────────────────────────────────────╮',
      '│                                                                 │',
      '│  Open this URL in your LOCAL browser and enter the code below.  │',
      '│  URL: <https://auth.openai.com/codex/device>                    │',
      '│  Code: WXYZ-12345                                               │',
      '├─────────────────────────────────────────────────────────────────╯',
      '◇  OpenAI device code complete',
      'Auth profile: openai:dev@example.test (openai/oauth)',
    ]);
    expect(told(outcome).filter((event) => event !== 'email')).toEqual([
      'link https://auth.openai.com/codex/device',
      'code WXYZ-12345 at https://auth.openai.com/codex/device',
      'completed',
    ]);
  });

  it('openclaw 2026.9.6 with Copilot, as its source prints it', async () => {
    const outcome = await printed(openclaw, 'copilot', [
      '◇  Authorize GitHub Copilot ───────────────────────────────────────╮',
      '│  Open this URL in your browser and enter the code below.         │',
      '│  URL: <https://github.com/login/device>                          │',
      '│  Code: FD3B-500B                                                 │',
      '│  Code expires in 15 minutes. Never share it.                     │',
    ]);
    expect(told(outcome)).toEqual([
      'link https://github.com/login/device',
      'code FD3B-500B at https://github.com/login/device',
    ]);
  });
});
