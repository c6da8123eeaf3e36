import type { FlowDefinition, ParameterDefinition, ProviderDefinition } from './definition.ts';

/** Values by parameter id. */
export type ParameterValues = Readonly<Record<string, string>>;

const longest = 512;
const placeholder = /\{param:([A-Za-z][A-Za-z0-9]{0,31})(?:\|([^{}\p{Cc}]*))?\}/gu;
const hostName =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** What the URL parser would forgive and people or programs read otherwise is not let in. */
const plainUrl = /^https?:\/\/[^\s"'\\<>^`{|}@\p{C}]+$/u;
const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The ids that a text names as `{param:id}` or `{param:id|text without it}`, and whether it has one that is not written right. */
export function parametersIn(text: string): { ids: string[]; malformed: boolean } {
  const ids = [...text.matchAll(placeholder)].map((match) => match[1] ?? '');
  return { ids, malformed: text.replace(placeholder, '').includes('{param:') };
}

/** The id when the text is one `{param:id}` and nothing else. */
export function wholeParameter(text: string): string | null {
  const { ids } = parametersIn(text);
  return ids.length === 1 && text === `{param:${ids[0]}}` ? (ids[0] ?? null) : null;
}

/**
 * What has to be asked before a flow starts: its parameters that anything it uses still names, so that a definition
 * which writes an address out asks for none.
 * @param ownDirectory whether the sign-in gets a directory of the account's own, where seed files are written
 */
export function askedParameters(
  provider: ProviderDefinition,
  flow: FlowDefinition,
  ownDirectory = true,
): ParameterDefinition[] {
  if (!flow.parameters) return [];
  const named = new Set<string>();
  const note = (text: string): string => {
    for (const id of parametersIn(text).ids) named.add(id);
    return text;
  };
  mapProvider(ownDirectory ? provider : { ...provider, configDir: null }, note);
  mapFlow(flow, note);
  return flow.parameters.filter(({ id }) => named.has(id));
}

/**
 * Checks what a person typed: spaces around it are dropped, a host is put into lower case, an address gets the
 * `https://` that is left out so often.
 * @returns the values to go on with (empty optional ones are left out), or what is wrong with which field by its id
 */
export function checkParameters(
  asked: readonly ParameterDefinition[],
  given: ParameterValues,
): { ok: true; values: ParameterValues } | { ok: false; fields: Record<string, string> } {
  const values = new Map<string, string>();
  const fields = new Map<string, string>();
  for (const parameter of asked) {
    const value = tidy(parameter, Object.hasOwn(given, parameter.id) ? (given[parameter.id] ?? '') : '');
    if (value === '') {
      if (parameter.required) fields.set(parameter.id, 'This is needed.');
      continue;
    }
    const fault = parameterFault(parameter, value);
    if (fault === null) values.set(parameter.id, value);
    else fields.set(parameter.id, fault);
  }
  for (const id of Object.keys(given)) {
    if (!asked.some((parameter) => parameter.id === id)) fields.set(id, 'This is not asked for.');
  }
  return fields.size === 0
    ? { ok: true, values: Object.fromEntries(values) }
    : { ok: false, fields: Object.fromEntries(fields) };
}

function tidy({ kind }: ParameterDefinition, text: string): string {
  const value = text.trim();
  if (kind === 'host') return value.toLowerCase();
  if (kind === 'url' && value !== '' && !/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(value))
    return `https://${value}`;
  return value;
}

/** Why a value cannot stand for a parameter, in words for below its field, or `null`. Never trusts what a definition accepts alone. */
export function parameterFault(parameter: ParameterDefinition, value: string): string | null {
  if (value.length > longest) return `This has at most ${longest} characters.`;
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return 'This must be one line.';
  if (value.startsWith('-')) return 'This must not begin with "-".';
  if (/[{}]/.test(value)) return 'This must not have "{" or "}" in it.';
  if (parameter.kind === 'host' && !hostName.test(value)) {
    return `This must be a host name alone, such as ${parameter.example}.`;
  }
  if (parameter.kind === 'url' && !isPlainUrl(value)) {
    return `This must be an address with https://, such as ${parameter.example}.`;
  }
  if (!new RegExp(`^(?:${parameter.accepts})$`).test(value)) {
    return `This does not look right; it should look like ${parameter.example}.`;
  }
  return null;
}

function isPlainUrl(value: string): boolean {
  if (!plainUrl.test(value) || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && loopbackHosts.has(hostname));
}

/**
 * A provider for one account, or for a program without any: with the values that the account was signed in with wherever
 * the definition names them. What names one
 * that has no value is left out, see {@link fillText}. Values that the definition does not accept (any more) count as
 * absent.
 */
export function accountProvider(
  provider: ProviderDefinition,
  account: { parameters?: ParameterValues } = {},
): ProviderDefinition {
  const kept = Object.entries(account.parameters ?? {}).filter(([id, value]) =>
    parametersNamed(provider, id).some((parameter) => parameterFault(parameter, value) === null),
  );
  return fillProvider(provider, Object.fromEntries(kept));
}

/** Definition and flow as one sign-in uses them. The values must come from {@link checkParameters}. */
export function fillDefinition(
  provider: ProviderDefinition,
  flow: FlowDefinition,
  values: ParameterValues,
): { provider: ProviderDefinition; flow: FlowDefinition } {
  const filled = mapFlow(flow, (text) => fillText(text, values));
  const { environment } = provider;
  const set = { ...environment.set, ...filled.environment };
  return {
    provider: fillProvider({ ...provider, environment: { ...environment, set } }, values),
    flow: filled,
  };
}

function fillProvider(provider: ProviderDefinition, values: ParameterValues): ProviderDefinition {
  const filled = mapProvider(
    provider,
    (text) => fillText(text, values),
    (id) => {
      const value = Object.hasOwn(values, id) ? values[id] : undefined;
      const [parameter] = parametersNamed(provider, id);
      if (value === undefined || !parameter) return null;
      return `=${parameter.kind === 'url' ? new URL(value).hostname : value}`;
    },
  );
  // What the person said replaces what this machine has under the same name.
  const { set, unset } = filled.environment;
  return { ...filled, environment: { ...filled.environment, unset: unset.filter((name) => !(name in set)) } };
}

function parametersNamed(provider: ProviderDefinition, id: string): ParameterDefinition[] {
  return provider.flows.flatMap(({ parameters = [] }) => parameters.filter((each) => each.id === id));
}

/**
 * Puts values in, each once: a value that looks like a placeholder stays as it is.
 * @returns `null` when a parameter has no value, and no text for that case: then the variable, argument, line or JSON member is left out whole
 */
function fillText(text: string, values: ParameterValues): string | null {
  const known = (id: string) => (Object.hasOwn(values, id) ? values[id] : undefined);
  let absent = false;
  const filled = text.replace(placeholder, (_, id: string, otherwise?: string) => {
    const value = known(id) ?? otherwise;
    absent ||= value === undefined;
    return value ?? '';
  });
  return absent ? null : filled;
}

/** What becomes of a text that may name parameters; `null` leaves it out. */
type MapText = (text: string) => string | null;

/** Every text of a definition, outside its flows, that may name parameters. */
function mapProvider(
  provider: ProviderDefinition,
  map: MapText,
  mapHost: (id: string) => string | null = (id) => map(`{param:${id}}`),
): ProviderDefinition {
  const { program, configDir, environment, allowedHosts, proof, logout } = provider;
  return {
    ...provider,
    program: { ...program, args: mapList(program.args, map) },
    configDir: configDir && {
      ...configDir,
      seed: configDir.seed.map((file) => ({
        ...file,
        ...('json' in file ? { json: mapJson(file.json, map) } : {}),
        ...(file.text === undefined ? {} : { text: mapList(file.text.split('\n'), map).join('\n') }),
      })),
    },
    environment: { ...environment, set: mapRecord(environment.set, map) },
    allowedHosts: allowedHosts.flatMap((host) => {
      const id = wholeParameter(host);
      const filled = id === null ? host : mapHost(id);
      return filled === null ? [] : [filled];
    }),
    proof: proof.kind === 'status-command' ? { ...proof, args: mapList(proof.args, map) } : proof,
    logout: logout?.args ? { ...logout, args: mapList(logout.args, map) } : logout,
  };
}

function mapFlow(flow: FlowDefinition, map: MapText): FlowDefinition {
  const { verificationUrl, ...rest } = flow;
  const url = verificationUrl === undefined ? null : map(verificationUrl);
  return {
    ...rest,
    args: mapList(flow.args, map),
    ...(flow.environment ? { environment: mapRecord(flow.environment, map) } : {}),
    ...(url === null ? {} : { verificationUrl: url }),
  };
}

function mapList(texts: readonly string[], map: MapText): string[] {
  return texts.flatMap((text) => map(text) ?? []);
}

function mapRecord(record: Record<string, string>, map: MapText): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, text]) => {
      const value = map(text);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** Before it becomes text, so that nothing in a value can end the string it stands in. */
function mapJson(value: unknown, map: MapText): unknown {
  const absent = Symbol('absent');
  const mapped = (item: unknown): unknown => {
    if (typeof item === 'string') return map(item) ?? absent;
    if (Array.isArray(item)) return item.map(mapped).filter((each) => each !== absent);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(
      Object.entries(item).flatMap(([name, member]) => {
        const key = map(name);
        const result = mapped(member);
        return key === null || result === absent ? [] : [[key, result]];
      }),
    );
  };
  const result = mapped(value);
  return result === absent ? null : result;
}
