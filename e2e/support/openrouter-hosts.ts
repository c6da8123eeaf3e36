import type { Exchange, HostHandler } from './local-host.ts';
import { CodeBook, randomText } from './oauth-parts.ts';

/** What `qwen auth openrouter` 0.15 talks to: OpenRouter's way to hand out a key to a program. */
export function createOpenRouterHosts(): { hosts: Record<string, HostHandler> } {
  const codes = new CodeBook('');

  /** Its page names what others call `redirect_uri` otherwise. */
  function visit(url: URL): string {
    const asked = new URL(url);
    asked.searchParams.set('redirect_uri', url.searchParams.get('callback_url') ?? '');
    return codes.visit(asked, 'allow', '').redirect;
  }

  function openRouter({ url, form, json, redirect }: Exchange) {
    switch (url.pathname) {
      case '/auth':
        return redirect(visit(url));
      case '/api/v1/auth/keys':
        if (!codes.redeem(form.code, form.code_verifier)) return json(403, { error: 'Invalid code' });
        return json(200, { key: `sk-or-v1-${randomText(32)}`, user_id: 'user-ada' });
      case '/api/v1/models':
        return json(200, {
          data: [
            {
              id: 'qwen/qwen3-coder:free',
              name: 'Local model',
              context_length: 1000,
              pricing: { prompt: '0', completion: '0' },
            },
          ],
        });
      default:
        return json(404, {});
    }
  }

  return { hosts: { 'openrouter.ai': openRouter } };
}
