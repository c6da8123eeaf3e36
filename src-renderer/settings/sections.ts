import type { SettingsSection } from '../state/model.ts';

/** What the palette calls each section of the settings, and further words that find it. */
const named: Record<SettingsSection, { label: string; words: string }> = {
  identities: { label: 'Identities', words: 'bundles rename delete duplicate order export' },
  providers: { label: 'Providers', words: 'programs cli install issuer path version' },
  'cloud-sessions': { label: 'Cloud sessions', words: 'profiles actions caps aws google azure' },
  network: { label: 'Network', words: 'proxy certificate authority company' },
  security: { label: 'Security', words: 'vault keychain sealed file passphrase keys' },
  command: { label: 'Command line', words: 'lanyard terminal shell path install' },
  appearance: { label: 'Appearance', words: 'theme notifications tray login start shortcuts' },
  about: { label: 'About', words: 'version data directory' },
};

export const sections = (Object.keys(named) as SettingsSection[]).map((id) => ({ id, ...named[id] }));
