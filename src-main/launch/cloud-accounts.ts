import type { ProviderDefinition } from '../providers/definition.ts';

/**
 * What leads programs to a cloud's own login. Whoever sets one of these would stand beside a session's credentials, or
 * in front of them.
 */
const leading = new Set([
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'CLOUDSDK_CONFIG',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'AZURE_CONFIG_DIR',
  'AZURE_CLIENT_SECRET',
]);

/** C-15: whether a provider's accounts are logins of a cloud, which nothing under a cloud session gets. */
export function isCloudLogin(provider: ProviderDefinition): boolean {
  const variables = [
    ...Object.keys(provider.environment.set),
    ...(provider.configDir ? [provider.configDir.variable] : []),
    ...(provider.apiKey ? [provider.apiKey.variable] : []),
  ];
  return variables.some((variable) => leading.has(variable));
}
