import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { html, Markup } from './html.ts';

export interface Page {
  status: number;
  /** Heading and window title. */
  title: string;
  content: Markup;
  /**
   * Origins a form on this page may lead to; none when absent. Chromium holds redirects after a form to this list
   * too, so the origin of the callback must stand in it.
   */
  formTargets?: string[];
}

/** Our design tokens, as far as one card needs them. */
const style = `
:root{color-scheme:light dark;--bg:#f6f6f4;--surface:#fff;--sunken:#efefec;--line:#dededa;--line-strong:#85857f;--ink:#1b1b19;--ink-2:#55554f;--accent:#0b6e6e;--accent-hover:#095c5c;--on-accent:#fff;--accent-soft:#dff0ee;--bad:#b3261e;--bad-soft:#fbe4e2;--shadow:0 1px 2px rgb(0 0 0/.08),0 16px 48px rgb(0 0 0/.12);--mono:ui-monospace,"SF Mono","Cascadia Mono","JetBrains Mono","DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#161615;--surface:#1f1f1e;--sunken:#191918;--line:#32322f;--line-strong:#7d7d76;--ink:#ededea;--ink-2:#b5b5ae;--accent:#57c7bf;--accent-hover:#74d6cf;--on-accent:#08201f;--accent-soft:#173533;--bad:#ff8a80;--bad-soft:#3a1b18;--shadow:0 0 0 1px var(--line),0 24px 64px rgb(0 0 0/.5)}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--ink);font:14px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI","Cantarell","Ubuntu","Noto Sans",sans-serif}
main{width:100%;max-width:420px;padding:32px;border-radius:14px;background:var(--surface);box-shadow:var(--shadow)}
.mark{display:grid;place-items:center;width:40px;height:40px;margin-bottom:16px;border-radius:10px;background:var(--accent-soft);color:var(--accent);font-weight:650;font-size:15px}
h1{margin:0 0 8px;font-size:20px;line-height:1.3;font-weight:650}
p{margin:0 0 16px;color:var(--ink-2)}
p:last-child{margin-bottom:0}
strong{color:var(--ink);font-weight:600}
form{margin:0}
fieldset{margin:0 0 16px;padding:0;border:0;display:grid;gap:8px}
legend,.label{display:block;margin-bottom:8px;padding:0;font-size:12px;font-weight:600;color:var(--ink-2)}
.person{display:grid;grid-template-columns:auto 1fr;gap:0 12px;align-items:center;padding:12px;border:1px solid var(--line);border-radius:10px;cursor:pointer}
.person:has(:checked){border-color:var(--accent);background:var(--accent-soft)}
.person span{color:var(--ink-2);font-size:12px}
.person strong{display:block;font-size:14px}
input[type=radio]{width:16px;height:16px;margin:0;accent-color:var(--accent)}
input[type=text]{width:100%;margin-bottom:16px;padding:8px 12px;border:1px solid var(--line-strong);border-radius:6px;background:var(--sunken);color:var(--ink);font:20px/1.4 var(--mono);letter-spacing:.08em;text-transform:uppercase}
.buttons{display:flex;gap:8px;margin-bottom:16px}
button{height:36px;padding:0 16px;border:1px solid var(--line-strong);border-radius:6px;background:transparent;color:var(--ink);font:inherit;cursor:pointer}
button.primary{flex:1;border-color:var(--accent);background:var(--accent);color:var(--on-accent);font-weight:600}
button.primary:hover{background:var(--accent-hover)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.code{display:block;margin:0 0 16px;padding:12px;border-radius:6px;background:var(--sunken);border:1px solid var(--line);font:13px/1.5 var(--mono);overflow-wrap:anywhere;user-select:all;color:var(--ink)}
.error{padding:8px 12px;border-radius:6px;background:var(--bad-soft);color:var(--bad)}
.note{font-size:12px}
`;
/** Ours, and hashed byte by byte: it must not be escaped. */
const styleMarkup = new Markup(style);
const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * Sends a page that runs nothing, loads nothing, stands in no frame and is kept nowhere.
 *
 * A page with a form says `same-origin` where others say `no-referrer`: under `no-referrer` a browser posts the form
 * with `Origin: null` (Fetch standard, "append a request Origin header"), and the check of the origin could not tell
 * our page from a stranger's. Neither sends a referrer to anybody else.
 */
export function sendPage(response: ServerResponse, page: Page): Promise<void> {
  const formAction = page.formTargets ? ["'self'", ...page.formTargets].join(' ') : "'none'";
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title}</title>
<style>${styleMarkup}</style>
</head>
<body>
<main>
<div class="mark" aria-hidden="true">De</div>
<h1>${page.title}</h1>
${page.content}
</main>
</body>
</html>
`;
  response.writeHead(page.status, {
    ...hardHeaders,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
    'referrer-policy': page.formTargets ? 'same-origin' : 'no-referrer',
  });
  return finish(response, body.text);
}

/** Headers that suit every answer of a listener on loopback. */
export const hardHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** Ends a response; resolves once it was handed over or the other side is gone. */
export function finish(response: ServerResponse, body: string): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.end(body, resolve);
  });
}
