import { awsRegion } from '../../cloud/sources/aws-region.ts';

/** What the AWS CLI's config file says of the sign-in that its default profile uses. */
export interface SsoConfig {
  /** Names the file in which the token is kept. */
  sessionName: string;
  startUrl: string;
  region: string;
  scopes: string[];
  /** The account and the role that programs use which are not told another one; null where none is set. */
  role: { accountId: string; roleName: string } | null;
}

/**
 * Reads the text of `.aws/config` (AWS CLI 2.9 or later, with an sso-session).
 * @returns null where the default profile names no session that is whole; `half-a-role` where an account is without a
 *   role, or a role without an account
 */
export function readSsoConfig(text: string): SsoConfig | null | 'half-a-role' {
  const sections = sectionsOf(text);
  const profile = sections.get('default');
  const sessionName = profile?.get('sso_session');
  const session = sessionName === undefined ? undefined : sections.get(`sso-session ${sessionName}`);
  const startUrl = session?.get('sso_start_url');
  const region = session?.get('sso_region');
  if (!sessionName || !startUrl || !region || !awsRegion.test(region) || !isPage(startUrl)) return null;
  const accountId = profile?.get('sso_account_id');
  const roleName = profile?.get('sso_role_name');
  if ((accountId === undefined) !== (roleName === undefined)) return 'half-a-role';
  const scopes = (session?.get('sso_registration_scopes') ?? 'sso:account:access')
    .split(',')
    .map((scope) => scope.trim())
    .filter((scope) => scope !== '');
  const role = accountId === undefined || roleName === undefined ? null : { accountId, roleName };
  return { sessionName, startUrl, region, scopes, role };
}

/** Keys by section; lines that are indented belong to the value above, and nothing that is asked for has such. */
function sectionsOf(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s|^[#;]|^$/.test(line)) continue;
    const [, heading] = /^\[\s*([^\]]+?)\s*\]/.exec(line) ?? [];
    if (heading !== undefined) {
      const name = heading.replace(/\s+/g, ' ').replace(/^(sso-session |profile )["'](.*)["']$/, '$1$2');
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      continue;
    }
    const at = line.indexOf('=');
    if (section === null || at === -1) continue;
    const value = line.slice(at + 1).replace(/\s[#;].*$/, '');
    section.set(line.slice(0, at).trim(), value.trim());
  }
  return sections;
}

function isPage(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  );
}
