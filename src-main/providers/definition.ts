/**
 * What a provider definition says. Definitions are data: everything here can be written in JSON, which is how
 * user-defined providers are. Patterns are JavaScript regular expression sources, matched without flags unless said.
 */
export interface ProviderDefinition {
  /** Safe path segment, stable for ever: accounts refer to it. */
  id: string;
  name: string;
  vendor: string;
  /** Two letters shown where there is no room for the name. */
  mark: string;
  aliases: string[];
  program: ProgramDefinition;
  /** How an account's own directory is handed to the CLI; `null` where the CLI has no such thing. */
  configDir: ConfigDirDefinition | null;
  environment: EnvironmentDefinition;
  /**
   * Hosts of sign-in links: each matches itself and its subdomains, with `=` before it itself alone; `{param:id}` is the
   * host that the person named, itself alone. Empty: the custom-provider rule (L-2).
   */
  allowedHosts: string[];
  /** The first is what Connect starts. Empty where an API key is all there is: such a provider has no program either. */
  flows: FlowDefinition[];
  proof: ProofDefinition;
  identity: IdentityDefinition | null;
  /** How an account is looked at later (I-12); absent: the proof is asked again, and nothing is known of an expiry. */
  health?: HealthDefinition;
  logout: LogoutDefinition | null;
  apiKey: ApiKeyDefinition | null;
  /** Where the login itself is kept and who shares it (I-14); absent: nobody knows. */
  isolation?: IsolationDefinition;
  /** How to show on this machine that two directories are kept apart; absent: only two real sign-ins could. */
  selfTest?: SelfTestDefinition;
  /** Set for an OpenID Connect or OAuth issuer, which needs no program: Lanyard runs the flow itself. */
  issuer?: IssuerDefinition;
  /** Version of the CLI this was checked against, or `unverified` when it is from documentation only. */
  verified: string;
  /** Cap on a sign-in in seconds; 600 when absent (S-8). */
  timeoutSeconds?: number;
}

/** A client that is registered with an issuer. All of it is public. */
export interface IssuerDefinition {
  /** Issuer identifier: https, or http on loopback. */
  url: string;
  clientId: string;
  scopes: string[];
  /** Further parameters of the authorization request: `prompt`, `login_hint`, `audience`. */
  parameters: Record<string, string>;
  /** A claim of the ID token that must have this value, such as `hd` or `tid` (O-10). */
  restriction: { claim: string; value: string } | null;
  /** Where the redirect comes back: port 0 is any free one (RFC 8252 section 7.3). */
  callback: { port: number; path: string };
  /** For one that publishes no metadata. */
  endpoints?: IssuerEndpoints;
}

/** Where an OAuth 2.0 server is asked that says nothing of itself. Each is https, or http on loopback. */
export interface IssuerEndpoints {
  /** Absent: nobody signs in to it through the browser here. */
  authorize?: string;
  token: string;
  /** For the device flow (RFC 8628 section 3.1). */
  device?: string;
  /** RFC 7009 */
  revoke?: string;
  /** What answers an access token with whose it is, and the members of its JSON; there is no ID token. */
  person?: { url: string; subject: string; email?: string; name?: string };
  /** A token that comes without a lifetime does not end by itself, and there is nothing to renew. */
  tokensStay?: boolean;
}

export interface ProgramDefinition {
  /** Names looked for on the PATH, in order, or one absolute path. Empty only where there are no flows. */
  names: string[];
  /** Arguments before every flow's own. */
  args: string[];
  /** What a person reads in place of the program and `args`; the program's own name when absent. */
  shownAs?: string;
  /** Shown and copied when the program is missing; never run. */
  installCommand: string | null;
  /** The same where systems differ, as package managers do. */
  installCommandOn?: { linux?: string; macos?: string; windows?: string };
  /** The npm package that it comes in: what Install installs. Absent: it is only told how to install it. */
  npmPackage?: string;
  /** How to ask for its version; absent: it is not asked, since nobody knows what it would do. */
  version?: VersionDefinition;
}

export interface VersionDefinition {
  /** Arguments that make it print its version and end. */
  args: string[];
  /** Where the version stands there, as a pattern with it in group 1; the first thing that looks like one when absent. */
  pattern?: string;
}

export interface ConfigDirDefinition {
  variable: string;
  /**
   * Directory the CLI uses when the variable is not set, below the person's home directory; `.` for that itself. Proof
   * and identity are read there for the blank identity; absent: they cannot be.
   */
  usual?: string;
  /**
   * Files written before the CLI starts, relative to the directory, in whose texts `{dir}` stands for it: either a value
   * that is written as JSON, or text as it is.
   */
  seed: { path: string; json?: unknown; text?: string }[];
}

export interface EnvironmentDefinition {
  /** `{dir}` stands for the account's directory. */
  set: Record<string, string>;
  /** Variables that would override the login: left out, and the session says so when they were set. */
  unset: string[];
  /** Those of `unset` with which another provider's account signs the program in, before any login of its own. */
  leads?: string[];
}

export interface FlowDefinition {
  id: string;
  label: string;
  kind: 'browser' | 'device-code' | 'paste';
  /**
   * Who runs it, where that is not the provider's program: Lanyard itself, at AWS IAM Identity Center, with what the
   * account's `.aws/config` says. Of the fields below only `parameters` means something then.
   */
  by?: OwnMethod;
  /**
   * What only the person knows, asked before anything starts. `{param:id}` (or `{param:id|text where it has no value}`)
   * stands for it in `args`, `environment` and `verificationUrl`, and in the definition's `program.args`,
   * `configDir.seed`, `environment.set`, `allowedHosts`, `proof.args` and `logout.args`. Kept with the account; not for
   * secrets.
   */
  parameters?: ParameterDefinition[];
  args: string[];
  /** Variables for this sign-in alone, over those of `environment.set`: programs that run as the account later lack them. */
  environment?: Record<string, string>;
  transport: 'pipe' | 'pty';
  /** `none`; `code`: the CLI reads a code on stdin; `callback`: it listens on loopback for the redirect (V-1). */
  paste: PasteDefinition;
  patterns: PatternDefinition;
  /** Questions the CLI asks on its way, answered by us. `reply` is sent followed by Enter. */
  answers: { question: string; reply: string }[];
  /**
   * Which link the browser is opened with: the printed one, or the one that the CLI handed to its opener (claude's
   * finishes by itself on loopback, its printed one ends on a page that shows a code). `captured` falls back to the
   * printed one when no opener was called within two seconds.
   */
  opens: 'printed' | 'captured';
  /** Set where the CLI replaces its link or code during one sign-in (S-4). */
  renews: boolean;
  /** How long a device code lives in seconds, where the CLI's own text does not say. */
  codeLifetimeSeconds?: number;
  /** `exit`: the CLI ends by itself after success; `proof`: it goes on running, and the proof alone says it is done. */
  endsBy: 'exit' | 'proof';
  /** Default verification URL (L-3). */
  verificationUrl?: string;
  /** Loopback port the CLI waits for the browser on (I-17): only one sign-in on this machine can. */
  fixedPort?: number;
  /** The CLI takes another port while that one is busy, so that nobody has to wait for it. */
  portMayMove?: boolean;
  /** The CLI prints a secret and keeps nothing: that secret is what the account is, and our vault keeps it. */
  yields?: YieldDefinition;
  /** The provider's `verified`, where it is another one for this flow. */
  verified?: string;
  /** Versions of the program that know this flow, as a range such as `>=2.26.0`; any when absent. */
  needs?: string;
}

/** Sign-ins that Lanyard runs itself for a provider which has a program as well. */
export type OwnMethod = 'identity-center';

/**
 * A secret that a sign-in ends with. Having it, and exit code 0, is the proof; the provider's own does not know of it.
 */
export interface YieldDefinition {
  /** The whole secret, in group 1. */
  pattern: string;
  /** Variable in which programs of this provider read it. */
  variable: string;
  /** How long it lives, where that is known. */
  lifetimeSeconds?: number;
}

export interface ParameterDefinition {
  /** As in `{param:id}`: a letter, then letters and digits. */
  id: string;
  label: string;
  /** Where to find it, in a sentence. */
  hint?: string;
  /** What a right one looks like. */
  example: string;
  /** Whole-text pattern, on top of what `kind` asks for. */
  accepts: string;
  /** What names an optional one that was left empty is left out: the argument, variable, line or JSON member. */
  required: boolean;
  /** Stands in the form at first. */
  default?: string;
  /** `url`: https, or http to this machine. `host`: a name without scheme, port or path. */
  kind: 'text' | 'url' | 'host';
}

export type PasteDefinition =
  | { kind: 'none' }
  | {
      kind: 'code';
      /** Whole-text pattern of what may be pasted, after a code was cut out of a URL. */
      accepts: string;
      /** What a right one looks like, for the error text: "a code and a #, such as abc#xyz". */
      example: string;
      /** Ink programs want Enter as a write of its own. */
      enterSeparately: boolean;
      /** `code#state` CLIs get both parts back when a callback URL was pasted. */
      join: 'code' | 'code#state';
    }
  | { kind: 'callback' };

export interface PatternDefinition {
  /** Text that announces the sign-in link, on its line or up to three lines above; absent: any allowed link that reads like one. */
  link?: string;
  /** The device code itself, as a pattern with the code in group 1. */
  code?: string;
  /** Text near which the code stands (same line or up to three lines before); absent: anywhere. */
  codeAnchor?: string;
  /** The CLI waits for pasted text; also matches a line without a newline. */
  prompt?: string;
  success?: string;
  /** The pasted text was refused and the CLI goes on waiting (V-4). */
  rejected?: string;
  /**
   * Lines that mean failure, with what to tell. The first match wins when the CLI exits. After a `final` one it goes on
   * running though nothing will come of it: it is ended.
   */
  failures: { pattern: string; code: string; title: string; hint: string; final?: boolean }[];
}

/** What proves that somebody is signed in; exit code 0 of the login alone never does (S-5). */
export type ProofDefinition =
  /** Nothing to prove: there are no flows. */
  | { kind: 'none' }
  | {
      kind: 'status-command';
      args: string[];
      /** Text on stdout or stderr that must match, and must not be negated. */
      text?: string;
      /** A field of the JSON on stdout that must equal a value. */
      json?: { field: string; equals: string | number | boolean };
    }
  | {
      kind: 'credential-file';
      /** Relative to the account's directory; a folder where the CLI makes up the name. Must have changed since the sign-in began. */
      path: string;
      /** Dotted path in its JSON that must be a non-empty value; absent: the file alone is enough. */
      field?: string;
    };

/**
 * Leads to a field of JSON data: names joined by dots, or a list of names where one has a dot in it. A name that ends in
 * `:jwt` is a token whose payload the rest of the path goes into, as in `tokens.id_token:jwt.email`.
 */
export type FieldPath = string | string[];

/** Where to read who signed in. */
export interface IdentityDefinition {
  from: { kind: 'status-json' } | { kind: 'file'; path: string };
  email?: FieldPath;
  /** What the provider calls the person, for where there is no email. */
  login?: FieldPath;
  accountId?: FieldPath;
  organisationId?: FieldPath;
  organisation?: FieldPath;
  plan?: FieldPath;
  issuer?: FieldPath;
}

/** What tells how a saved login is. Looking at it never renews it, makes another one, or opens a keychain. */
export interface HealthDefinition {
  /**
   * `proof`: the proof is asked again. `files`: only `credentials` are read, for a program whose status command would
   * renew the login or make credentials.
   */
  ask: 'proof' | 'files';
  /** Where the login may be; of those that are there the one that lasts longest counts. */
  credentials?: CredentialDefinition[];
  /** Text by which the status command says that nobody is signed in; anything else that is no success says nothing. */
  signedOut?: string;
  /** A second place that says who it is: all there is where only files are asked, and besides `identity` after a sign-in. */
  identity?: IdentityDefinition;
}

export interface CredentialDefinition {
  /** JSON file, relative to the account's directory; the last part may begin with `*` where the CLI makes up the name. */
  path: string;
  /** Must be a non-empty value; absent: the file alone is enough. */
  field?: FieldPath;
  /** When it stops working: milliseconds or seconds since the Unix epoch, or an ISO 8601 time. 0 stands for never. */
  expires?: { field: FieldPath; unit: 'ms' | 's' | 'iso' };
  /** Not empty where the program renews it by itself. */
  refreshable?: FieldPath;
}

export interface LogoutDefinition {
  /** Arguments of the CLI's own logout; `null` where it has none and removing the directory is all there is. */
  args: string[] | null;
  /** Who does it where the program is not there; absent: nobody. */
  withoutProgram?: OwnMethod;
}

export interface ApiKeyDefinition {
  /** `pat`: a personal access token; absent: an API key. They are handled alike and called by their names. */
  kind?: 'pat';
  /** Variable in which programs of this provider read the key. */
  variable: string;
  /** Of a key that is two texts in one: what stands behind the first `at` is in a variable of its own. */
  split?: { at: string; variable: string };
  /** Whole-text pattern of a plausible key. */
  accepts: string;
  example: string;
  /**
   * One request that answers 2xx for a good key, and for a bad one 401, 403 or one of `refusedWith`. `{key}` stands for
   * the key in header values. `by` is for keys that sign requests and are never sent: then the service's own library asks
   * at the origin of `url`.
   */
  check: { url: string; headers: Record<string, string>; refusedWith?: number[]; by?: 'aws-sts' };
  /**
   * Present where the CLI prefers a login that it finds in its usual directory over the key: with a key it gets a
   * directory in which there is no login, with these files.
   */
  home?: { seed: ConfigDirDefinition['seed'] };
}

/** Per system, since the same CLI uses a keychain on one and a file on another. */
export interface IsolationDefinition {
  linux: CredentialPlace;
  macos: CredentialPlace;
  windows: CredentialPlace;
}

export interface CredentialPlace {
  /** `app`: our own vault, as for API keys. */
  kept: 'file' | 'keychain' | 'app';
  /** Which file or keychain entry, in words: `auth.json in the account's directory`. */
  where: string;
  /** What tells two logins apart there: `the account's directory`, `host name`. */
  keyedBy: string;
  /** `machine`: signing in here changes the machine's own login, and any other identity's. */
  sharedWith: 'nobody' | 'machine';
  /** `tried`: seen with the version in `verified`; `documented`: what the vendor or the CLI's source says. */
  known: 'tried' | 'documented';
}

/**
 * A made-up login that the program believes in without asking anybody, and the command that then says whose it is.
 * `{name}` stands for a name of five lower-case letters that tells two of them apart.
 */
export interface SelfTestDefinition {
  /**
   * Files of the login below the account's directory, written over those of `configDir.seed`: JSON, text as it is, or
   * bytes, gzipped and in base64, in which the name is `first`.
   */
  files: { path: string; json?: unknown; text?: string; gzip?: string }[];
  /** Exits with 0 when somebody is signed in, and needs no network for it. Its output is in English. */
  args: string[];
  /** What its output holds when `{name}` is signed in. */
  says: string;
  /** Pattern of its output when nobody is, for a program that exits with 0 then as well. */
  nobody?: string;
}
