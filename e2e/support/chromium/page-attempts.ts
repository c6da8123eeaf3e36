/** What a page is told to try. */
export interface Target {
  url: string;
  /** Sent where a script may name headers. */
  headers?: Record<string, string>;
  /** Sent where a form is posted. */
  fields?: Record<string, string>;
}

/**
 * Everything by which a page can talk to an address, tried in a page: to be given to `page.evaluate`, so it stands by
 * itself.
 * @returns by attempt what the page learned: `nothing` where it could tell no more than that it did not work
 */
export async function tryFromPage({
  url,
  headers = {},
  fields = { code: 'guess' },
}: Target): Promise<Record<string, string>> {
  const limitMs = 5_000;
  const nothing = 'nothing';
  const form = new URLSearchParams(fields);
  const made: HTMLElement[] = [];
  const within = (attempt: Promise<string>) => {
    let timer = 0;
    const late = new Promise<string>((resolve) => {
      timer = window.setTimeout(() => resolve(`no end within ${limitMs} ms`), limitMs);
    });
    return Promise.race([attempt.catch(() => nothing), late]).finally(() => window.clearTimeout(timer));
  };
  const read = async (init: RequestInit) => {
    const response = await fetch(url, init);
    return `${response.type} ${response.status} ${await response.text()}`;
  };
  const loaded = <T extends HTMLElement>(element: T, set: (element: T) => void) =>
    new Promise<string>((resolve) => {
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve(nothing);
      set(element);
      made.push(element);
      document.body.append(element);
    });
  const opened = (source: EventTarget & { close(): void }) =>
    new Promise<string>((resolve) => {
      source.addEventListener('open', () => resolve('opened'));
      source.addEventListener('error', () => resolve(nothing));
    }).finally(() => source.close());
  /** What stands in a frame or window, where the page may look. */
  const inside = (view: Window | null) => {
    try {
      return view === null || view.closed ? nothing : `read ${view.document.body.textContent}`;
    } catch {
      return nothing;
    }
  };
  const framed = async () => {
    const element = document.createElement('iframe');
    await loaded(element, () => {
      element.src = url;
    });
    return inside(element.contentWindow);
  };
  const posted = async () => {
    const element = document.createElement('iframe');
    // A name of its own: the form must not go to the frame of an attempt before.
    element.name = `frame-${Math.random()}`;
    const sent = document.createElement('form');
    Object.assign(sent, { method: 'post', action: url, target: element.name });
    for (const [name, value] of Object.entries(fields)) {
      sent.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    made.push(sent);
    document.body.append(sent);
    // The frame's empty page is there at once; what loads then is the answer.
    await loaded(element, () => {});
    const answered = new Promise((resolve) => {
      element.onload = resolve;
    });
    sent.submit();
    await answered;
    return inside(element.contentWindow);
  };
  const image = document.createElement('img');
  const script = document.createElement('script');
  const style = Object.assign(document.createElement('link'), { rel: 'stylesheet' });
  const socketUrl = url.replace(/^http/, 'ws');
  navigator.sendBeacon(url, form);
  const attempts: Record<string, Promise<string>> = {
    fetch: read({}),
    'fetch with cookies': read({ credentials: 'include' }),
    'fetch with headers': read({ headers }),
    'fetch without reading': read({ mode: 'no-cors' }).then((text) =>
      text.replace(/^opaque 0 $/, 'an answer'),
    ),
    'fetch of another method': read({ method: 'PUT' }),
    'post of a form, unread': read({ method: 'POST', mode: 'no-cors', body: form }),
    'post of a text': read({ method: 'POST', body: form.toString() }),
    events: opened(new EventSource(url)),
    'web socket': opened(new WebSocket(socketUrl)),
    image: loaded(image, () => Object.assign(image, { src: url })),
    script: loaded(script, () => Object.assign(script, { src: url })),
    style: loaded(style, () => Object.assign(style, { href: url })),
    frame: framed(),
    'form in a frame': posted(),
  };
  const names = Object.keys(attempts);
  const results = await Promise.all(Object.values(attempts).map(within));
  for (const element of made) element.remove();
  return Object.fromEntries(names.map((name, index) => [name, results[index] ?? '']));
}

/**
 * Puts into a page what a content security policy is there to keep out: to be given to `page.evaluate`.
 * @param elsewhere an address of another origin
 * @returns the directives that stopped something, in order
 */
export async function breakPolicy(elsewhere: string): Promise<string[]> {
  const limitMs = 5_000;
  const stopped = new Set<string>();
  const tag = <Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    properties: Partial<HTMLElementTagNameMap[Name]>,
  ) => Object.assign(document.createElement(name), properties);
  const parts = [
    tag('base', { href: elsewhere }),
    tag('script', { textContent: 'document.title = "a script ran"' }),
    tag('img', { src: elsewhere }),
    tag('iframe', { src: elsewhere }),
    tag('link', { rel: 'stylesheet', href: elsewhere }),
    tag('form', { action: elsewhere }),
  ];
  // The attribute, the request and each of these.
  const expected = parts.length + 2;
  const all = new Promise<void>((resolve) => {
    setTimeout(resolve, limitMs);
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      stopped.add(effectiveDirective);
      if (stopped.size === expected) resolve();
    });
  });
  document.body.setAttribute('style', 'color: red');
  for (const part of parts) document.body.append(part);
  document.forms[0]?.submit();
  await fetch(elsewhere).catch(() => {});
  await all;
  return [...stopped].sort();
}
