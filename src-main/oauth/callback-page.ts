import { createHash } from 'node:crypto';

/** The pages of `resources/callback/`, with `{{name}}` where text is put in. */
export interface CallbackTemplates {
  page: string;
  style: string;
}

/** What the browser shows when it comes back. */
export interface CallbackPage {
  /** HTTP status of the answer. */
  status: number;
  outcome: 'success' | 'failure' | 'waiting';
  title: string;
  /** Paragraphs, plain text. */
  text: string[];
}

export interface RenderedPage {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A page that runs nothing, loads nothing, stands in no frame and is kept nowhere (O-12). Everything put into it is
 * escaped; the one style is ours and allowed by its hash.
 */
export function renderCallbackPage(page: CallbackPage, templates: CallbackTemplates): RenderedPage {
  const styleHash = createHash('sha256').update(templates.style).digest('base64');
  const values: Record<string, string> = {
    title: escaped(page.title),
    outcome: page.outcome,
    text: page.text.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join('\n      '),
    style: templates.style,
  };
  return {
    status: page.status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    },
    body: templates.page.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => values[name] ?? ''),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
