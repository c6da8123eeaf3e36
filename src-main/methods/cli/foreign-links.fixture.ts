import * as fc from 'fast-check';

const foreignHosts = ['evil.test', 'login.evil.test', '203.0.113.7', '[2001:db8::1]', 'xn--pple-43d.test'];

/** Ways to write an address that looks like a host of the provider's and is none, or that readers disagree about. */
const disguises: ((host: string, foreign: string) => string)[] = [
  (_, foreign) => `https://${foreign}/login`,
  (host, foreign) => `https://${foreign}/login?x=${host}`,
  (host, foreign) => `https://${foreign}/${host}/login`,
  (host, foreign) => `https://${foreign}/login#${host}`,
  (host, foreign) => `https://${foreign}?//${host}/login`,
  (host, foreign) => `https://${foreign}#@${host}/login`,
  (host) => `https://${host}.evil.test/login`,
  (host) => `https://${host}-login.test/auth`,
  (host) => `https://x${host}/login`,
  (host) => `https://login-${host}/login`,
  (host) => `https://${host.replaceAll('.', '-')}.test/login`,
  (host) => `https://${host}./login`,
  (host) => `https://.${host}/login`,
  (host) => `https://a..${host}/login`,
  (host) => `https://${host.split('.').slice(0, -1).join('.')}.evil/login`,
];

/** Wrong wherever they lead: no host list makes them right. */
const malformed: ((host: string, foreign: string) => string)[] = [
  (host) => `http://${host}/login`,
  (host) => `https://user@${host}/login`,
  (host) => `https://user:password@${host}/login`,
  (host) => `https://@${host}/login`,
  (host) => `https://:@${host}/login`,
  (host, foreign) => `https://${host}@${foreign}/login`,
  (host, foreign) => `https://${host}:443@${foreign}/login`,
  (host, foreign) => `https://${host}%40${foreign}/login`,
  (host, foreign) => `https://${foreign}\\@${host}/login`,
  (host, foreign) => `https://${host}\\@${foreign}/login`,
  (host, foreign) => `https://${host}\\.${foreign}/login`,
  (host) => `https:\\\\${host}\\login`,
  (host) => `https://\\${host}/login`,
  (host) => `https:///${host}/login`,
  (host) => `https:////${host}/login`,
  (host) => `https:${host}/login`,
  (host) => `https:/${host}/login`,
  (host) => `https://${host}%2eevil.test/login`,
  (host) => `https://${host}%2f.evil.test/login`,
  (host) => `https://${host}%00.evil.test/login`,
  (host) => `https://${host}%5c.evil.test/login`,
  (host) => `https://%65vil.test/login?${host}`,
  (host) => `https://${percentEncoded(host)}/login`,
  (host) => `https://${host}:99999/login`,
  (host) => `https://${host}:443:443/login`,
  (host) => `https://${host}:0x50/login`,
  (host) => `https://[${host}]/login`,
  (host) => `https://${lookalike(host)}/login`,
  (host) => `https://${host.replace('.', '\u2024')}/login`,
  (host) => `https://${fullWidth(host)}/login`,
  (host) => `https://${host}\u00ad.evil.test/login`,
  (host) => `https://${host}\u2044.evil.test/login`,
  (host) => `https://${host}\u2215login.evil.test/login`,
  (host) => `https://${host}\u200b/login`,
  (host) => `https://\u202e${host}/login`,
  (host) => `javascript://${host}/%0alogin`,
  (host) => `ftp://${host}/login`,
  (host) => `data:text/html,https:${host}/login`,
];

/** Every letter as %XX: a parser that decodes before it compares takes it for the host. */
const percentEncoded = (host: string) =>
  [...host].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');

/** Cyrillic or Greek in place of a Latin letter. */
const lookalike = (host: string) =>
  host.replace(
    /[aeopciux]/,
    (letter) => ({ a: 'а', e: 'е', o: 'о', p: 'р', c: 'с', i: 'і', u: 'υ', x: 'х' })[letter] ?? letter,
  );

const fullWidth = (host: string) =>
  host.replace(/[a-z]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));

/**
 * Links that must never become the sign-in link, whatever is printed around them (L-1).
 * @param hosts the provider's; empty: only what is wrong with any host
 */
export function foreignLinks(hosts: readonly string[]): fc.Arbitrary<string> {
  const names = hosts.filter((host) => /[a-z]\./.test(host));
  const host = fc.constantFrom(...(names.length > 0 ? names : ['auth.acme.test']));
  const ways = hosts.length > 0 ? [...disguises, ...malformed] : malformed;
  const trail = fc.constantFrom('', '', '?state=abc', '/../login', '?code=true&redirect_uri=https%3A%2F%2Fx');
  return fc
    .tuple(host, fc.constantFrom(...foreignHosts), fc.constantFrom(...ways), trail)
    .map(([name, foreign, disguise, end]) => disguise(name, foreign) + end);
}
