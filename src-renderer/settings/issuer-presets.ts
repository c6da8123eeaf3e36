import type { IssuerForm } from '../../src-preload/contract/issuers.ts';

/** What is fixed at an issuer that many people use, and what to ask for. */
export interface IssuerPreset {
  id: string;
  label: string;
  form: Partial<IssuerForm>;
  /** Where to get a client id, and what to replace in the address. */
  note: string;
}

export const issuerPresets: IssuerPreset[] = [
  { id: 'custom', label: 'Any issuer', form: {}, note: 'The address is the one before /.well-known/.' },
  {
    id: 'google',
    label: 'Google',
    form: {
      name: 'Google',
      url: 'https://accounts.google.com',
      scopes: 'openid email profile',
      parameters: 'access_type=offline&prompt=consent',
    },
    note: 'Create a client of the type "Desktop app". Restrict it to your company with hd=example.com.',
  },
  {
    id: 'entra',
    label: 'Microsoft Entra',
    form: { name: 'Microsoft Entra', url: 'https://login.microsoftonline.com/TENANT/v2.0' },
    note: 'Put your tenant id in place of TENANT. Register a public client with the redirect URI http://127.0.0.1.',
  },
  {
    id: 'okta',
    label: 'Okta',
    form: { name: 'Okta', url: 'https://COMPANY.okta.com' },
    note: 'Put your company’s name in place of COMPANY. Register a native app.',
  },
  {
    id: 'auth0',
    label: 'Auth0',
    form: { name: 'Auth0', url: 'https://TENANT.auth0.com/' },
    note: 'Put your tenant in place of TENANT. Register a native app; an API is named as audience=… below.',
  },
  {
    id: 'keycloak',
    label: 'Keycloak',
    form: { name: 'Keycloak', url: 'https://HOST/realms/REALM' },
    note: 'Put your host and realm in. The client is a public one with the standard flow, and the device flow if you like.',
  },
  {
    id: 'gitlab',
    label: 'GitLab',
    form: { name: 'GitLab', url: 'https://gitlab.com', scopes: 'openid email profile' },
    note: 'Register an application that is not confidential. A GitLab of your own has its own address.',
  },
  {
    id: 'github',
    label: 'GitHub (OAuth app)',
    form: { name: 'GitHub', url: 'https://github.com', scopes: 'read:user user:email', prefers: 'device' },
    note: 'Create an OAuth app and switch its device flow on. Its tokens stay until you revoke them at GitHub.',
  },
];

/** An empty form, or what a preset fills in. */
export function formOf(preset: IssuerPreset | undefined): IssuerForm {
  return {
    name: '',
    url: '',
    clientId: '',
    scopes: 'openid email profile offline_access',
    prefers: 'browser',
    restriction: '',
    port: '',
    parameters: '',
    ...preset?.form,
  };
}
