import { isIP } from 'node:net';
import * as v from 'valibot';
import type { ProxyForm } from '../../src-preload/contract/network.ts';
import { LanyardError } from '../failures.ts';
import type { Secret } from '../vault/secret.ts';

/** How requests reach the network. What is secret of it is not in here: the password is in the vault. */
export type ProxySettings =
  /** As the system says: its settings, or the variables that Lanyard was started with. */
  { mode: 'system' } | { mode: 'none' } | ({ mode: 'manual' } & ManualProxy);

export interface ManualProxy {
  /** `http://host:port` or `https://host:port`, without user info and path. */
  address: string;
  /** Empty where the proxy asks for nobody. */
  user: string;
  /** Hosts that are reached without it: `host`, `.suffix`, an address, each with `:port` or without. */
  bypass: string[];
}

/** What a request needs to know of the settings, with what is secret of them. */
export interface Route {
  proxy:
    | { mode: 'system' }
    | { mode: 'none' }
    | { mode: 'manual'; address: string; bypass: string[]; credentials: ProxyCredentials | null };
  /** Certificates that are trusted besides the system's, as PEM. */
  authorities: string[];
}

export interface ProxyCredentials {
  user: string;
  password: Secret;
}

/** This machine is never reached through a proxy. */
export const alwaysBypassed = ['localhost', '127.0.0.1', '[::1]'];

const SettingsSchema = v.object({
  version: v.literal(1),
  proxy: v.variant('mode', [
    v.object({ mode: v.literal('system') }),
    v.object({ mode: v.literal('none') }),
    v.object({
      mode: v.literal('manual'),
      address: v.pipe(
        v.string(),
        v.check((text) => readAddress(text) === text),
      ),
      user: v.string(),
      bypass: v.array(
        v.pipe(
          v.string(),
          v.check((text) => readBypass(text) === text),
        ),
      ),
    }),
  ]),
});

/** What the file says; the system's way when there is none, or it cannot be understood. */
export function readSettings(value: unknown): ProxySettings {
  const parsed = v.safeParse(SettingsSchema, value);
  return parsed.success ? parsed.output.proxy : { mode: 'system' };
}

/** What goes into the file. */
export function settingsFile(proxy: ProxySettings): unknown {
  return { version: 1, proxy };
}

/**
 * Reads what a person filled in.
 * @throws LanyardError `bad_proxy`, with the fields that are wrong
 */
export function readProxyForm(form: ProxyForm): ProxySettings {
  if (form.mode !== 'manual') return { mode: form.mode };
  const fields: Record<string, string> = {};
  const address = readAddress(form.address);
  if (address === null)
    fields.address = 'Write it as proxy.example.com:8080, or with http:// or https:// in front.';
  if (/[\x00-\x1f\x7f:]/.test(form.user)) fields.user = 'A user name has no colon.';
  const bypass = form.bypass.split(/[\s,;]+/).filter((entry) => entry !== '');
  const wrong = bypass.find((entry) => readBypass(entry) === null);
  if (wrong !== undefined) {
    fields.bypass = `"${wrong.slice(0, 60)}" is no host. Write names such as wiki.example.com, .example.com for all below it, or addresses.`;
  }
  if (address === null || Object.keys(fields).length > 0) {
    throw new LanyardError({
      code: 'bad_proxy',
      title: 'The proxy cannot be used like this',
      hint: 'Correct what is marked and save again. Nothing was changed.',
      fields,
    });
  }
  return {
    mode: 'manual',
    address,
    user: form.user,
    bypass: [...new Set(bypass.map((entry) => readBypass(entry) ?? entry))],
  };
}

/** `proxy:8080` and `http://proxy:8080/` become `http://proxy:8080`; null for what is no HTTP proxy. */
function readAddress(text: string): string | null {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') return null;
  if (
    url.username !== '' ||
    url.password !== '' ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  )
    return null;
  // Everybody has a default of their own (80, 443, 1080), so it is written out.
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return `${url.protocol}//${url.hostname}:${port}`;
}

/** One host of the list as it is kept: small letters, `.suffix` for `*.suffix`; null for what is none. */
function readBypass(text: string): string | null {
  const lower = text.toLowerCase().replace(/^\*\./, '.');
  const [, host = '', port] = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(lower) ?? [];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return null;
  if (host.startsWith('[')) return isIP(host.slice(1, -1)) === 6 ? lower : null;
  if (isIP(host) === 4) return lower;
  return /^\.?[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/.test(host)
    ? lower
    : null;
}

/** Whether a request goes past the proxy. @param bypass as in {@link ManualProxy}; this machine is always in it */
export function isBypassed(url: URL, bypass: readonly string[]): boolean {
  const host = url.hostname.toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return [...alwaysBypassed, ...bypass].some((entry) => {
    const [, name = '', entryPort] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? [];
    if (entryPort !== undefined && entryPort !== port) return false;
    return name.startsWith('.') ? host.endsWith(name) || host === name.slice(1) : host === name;
  });
}

/** The list as Chromium takes it (`proxyBypassRules`), where `example.com` does not stand for what is below it. */
export function chromiumBypass(bypass: readonly string[]): string {
  return [...alwaysBypassed, ...bypass]
    .flatMap((entry) => (entry.startsWith('.') ? [entry.slice(1), `*${entry}`] : [entry]))
    .join(';');
}

/** The list as programs read it from `NO_PROXY`: most take `example.com` for everything below it as well. */
export function noProxy(bypass: readonly string[]): string {
  return [...alwaysBypassed, '::1', ...bypass].join(',');
}
