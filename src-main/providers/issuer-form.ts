import type { IssuerForm } from '../../src-preload/contract/issuers.ts';
import { LanyardError } from '../failures.ts';
import type { IssuerEndpoints, ProviderDefinition } from './definition.ts';
import { checkDefinition } from './definition-schema.ts';
import { completeIssuerFile, usualScopes } from './issuer-provider.ts';

export type IssuerField = 'name' | 'url' | 'clientId' | 'scopes' | 'restriction' | 'port' | 'parameters';

/** A form that cannot be used, and the field that is to blame. */
export class IssuerFormError extends LanyardError {
  readonly field: IssuerField;

  constructor(field: IssuerField, title: string, hint: string) {
    super({ code: 'issuer_form', title, hint });
    this.field = field;
  }
}

/** The provider file that a form stands for, and the definition that comes of it. */
export interface IssuerFile {
  file: Record<string, unknown>;
  definition: ProviderDefinition;
}

/**
 * Reads a form.
 * @param taken ids and aliases that other providers have
 * @throws IssuerFormError
 */
export function readIssuerForm(form: IssuerForm, taken: (id: string) => boolean): IssuerFile {
  const restriction = readRestriction(form.restriction);
  const file: Record<string, unknown> = {
    id: freeId(form.name, taken),
    name: form.name,
    ...(form.prefers === 'device' ? { prefers: 'device' } : {}),
    issuer: {
      url: form.url,
      clientId: form.clientId,
      scopes: form.scopes === '' ? usualScopes : [...new Set(form.scopes.split(/\s+/))],
      ...(endpointsOf(form.url) ? { endpoints: endpointsOf(form.url) } : {}),
      ...(restriction ? { restriction } : {}),
      ...(form.port === '' ? {} : { callback: { port: readPort(form.port) } }),
      parameters: readParameters(form.parameters),
    },
  };
  const checked = checkDefinition(completeIssuerFile(file));
  if (checked.ok) return { file, definition: checked.definition };
  const [issue] = checked.issues;
  const field = fieldOf(issue?.path ?? []);
  throw new IssuerFormError(
    field,
    `${labels[field]} ${issue?.reason ?? 'is not valid'}.`,
    'Correct it and try again.',
  );
}

const labels: Record<IssuerField, string> = {
  name: 'The name',
  url: 'The issuer address',
  clientId: 'The client id',
  scopes: 'The scope',
  restriction: 'The restriction',
  port: 'The port',
  parameters: 'The parameter',
};

/**
 * GitHub publishes no metadata for sign-ins. Its OAuth apps have a device flow that needs no secret, answers errors with
 * 200, and gives tokens that stay until they are revoked (as documented in 2026).
 */
const github: IssuerEndpoints = {
  token: 'https://github.com/login/oauth/access_token',
  device: 'https://github.com/login/device/code',
  person: { url: 'https://api.github.com/user', subject: 'id', email: 'email', name: 'login' },
  tokensStay: true,
};

function endpointsOf(url: string): IssuerEndpoints | null {
  return /^https:\/\/github\.com\/?$/i.test(url) ? github : null;
}

function fieldOf([section, key]: (string | number)[]): IssuerField {
  if (section !== 'issuer') return 'name';
  if (key === 'callback') return 'port';
  return key === 'url' || key === 'clientId' || key === 'scopes' || key === 'restriction'
    ? key
    : 'parameters';
}

function readRestriction(text: string): { claim: string; value: string } | null {
  if (text === '') return null;
  const [, claim, value] = /^([^=\s]+)\s*=\s*(.+)$/.exec(text) ?? [];
  if (claim && value) return { claim, value };
  throw new IssuerFormError(
    'restriction',
    'The restriction is not a claim and its value.',
    'Write it as claim=value, such as hd=example.com.',
  );
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1024 && port <= 65_535) return port;
  throw new IssuerFormError(
    'port',
    'The port is not a number from 1024 to 65535.',
    'Leave it empty for any free port.',
  );
}

function readParameters(text: string): Record<string, string> {
  const entries = [...new URLSearchParams(text)];
  const broken = entries.find(([name, value]) => name === '' || value === '');
  if (!broken) return Object.fromEntries(entries);
  throw new IssuerFormError(
    'parameters',
    `"${broken.join('=').slice(0, 40)}" is not a name and a value.`,
    'Write them as in an address, such as prompt=login&audience=api.',
  );
}

/** A safe id from a name: `Work SSO` becomes `work-sso`, or `work-sso-2` where that is taken. */
function freeId(name: string, taken: (id: string) => boolean): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const base =
    plain === '' || /^(?:con|prn|aux|nul|com\d|lpt\d|constructor|prototype)$/.test(plain) ? 'issuer' : plain;
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (!taken(id)) return id;
  }
}
