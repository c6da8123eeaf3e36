/** What a report is made of. Nothing in it is a secret; emails and the home directory are taken out of the text later. */
export interface DiagnosticsFacts {
  /** ISO 8601, UTC. */
  at: string;
  /** In the order in which they are shown. */
  versions: Readonly<Record<string, string>>;
  keys: {
    backend: string;
    status: string;
    sealedFile: string;
    /** Keys in use. */
    count: number;
    autoLock: string;
  };
  trail: {
    last: number;
    signs: boolean;
    fault: string | null;
    unsigned: number;
    waiting: number;
    writeFault: string | null;
  };
  /** Checks that were run since the start, the last of each. */
  checks: readonly { what: string; at: string; result: string; details: readonly string[] }[];
  providers: readonly {
    id: string;
    origin: string;
    /** What is known of its program. */
    program: string;
    path?: string;
    accounts: Readonly<Record<string, number>>;
  }[];
  /** Files and rows that could not be read. */
  problems: readonly string[];
  counts: Readonly<Record<string, number>>;
  settings: Readonly<Record<string, string>>;
  /** The log's last lines, as they stand in it. */
  log: readonly string[];
}

export interface Redaction {
  /** Takes secrets out. */
  redact: (text: string) => string;
  /** Absolute; written as `~`. Several where it has several names. */
  homeDirectories: readonly string[];
  withEmails: boolean;
}

const emails = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;

/**
 * The report for those who help, as Markdown that a person can read before they send it. Every line goes through the
 * redactor; emails are replaced unless the person wants them in, and the home directory is `~`.
 */
export function diagnosticsReport(facts: DiagnosticsFacts, redaction: Redaction): string {
  const { keys, trail, checks, providers, problems, log } = facts;
  const lines = [
    '# Lanyard diagnostics',
    '',
    `Written ${facts.at}. It holds no keys, tokens or codes${redaction.withEmails ? '' : ', and no email addresses'}. Read it before you send it.`,
    ...section('Versions', list(facts.versions)),
    ...section('Where keys are kept', [
      `- In use: ${keys.backend}, ${keys.status}`,
      `- Sealed file: ${keys.sealedFile}`,
      `- Keys: ${keys.count}`,
      `- Locks by itself: ${keys.autoLock}`,
    ]),
    ...section('Activity', [
      `- Entries: ${trail.last}`,
      `- Signed: ${trail.signs ? 'yes' : `no${trail.fault === null ? '' : ` (${trail.fault})`}`}`,
      ...(trail.unsigned > 0 ? [`- Not vouched for yet: ${trail.unsigned}`] : []),
      ...(trail.waiting > 0
        ? [`- Could not be written yet: ${trail.waiting} (${trail.writeFault ?? 'waiting'})`]
        : []),
    ]),
    ...section(
      'Checks since the start',
      checks.length === 0
        ? ['None was run.']
        : checks.flatMap(({ what, at, result, details }) => [
            `- ${what}, ${at}: ${result}`,
            ...details.map((detail) => `  - ${detail}`),
          ]),
    ),
    ...section(
      'Providers and their programs',
      providers.map(({ id, origin, program, path, accounts }) => {
        const own = origin === 'user' ? ' (own file)' : '';
        const counted = Object.entries(accounts).map(([status, count]) => `${count} ${status}`);
        const signedIn = counted.length > 0 ? `; accounts: ${counted.join(', ')}` : '';
        return `- ${id}${own}: ${program}${path === undefined ? '' : `, ${path}`}${signedIn}`;
      }),
    ),
    ...section(
      'What could not be read',
      problems.length === 0 ? ['Nothing.'] : problems.map((each) => `- ${each}`),
    ),
    ...section('Counts', list(facts.counts)),
    ...section('Settings', list(facts.settings)),
    ...section(`Log, its last ${log.length} lines`, ['```', ...log.map(unfenced), '```']),
    '',
  ];
  return lines.map((line) => cleaned(line, redaction)).join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return ['', `## ${title}`, '', ...lines];
}

function list(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).map(([name, value]) => `- ${name}: ${value}`);
}

/** A line cannot end the block that it stands in. */
function unfenced(line: string): string {
  return line.replaceAll('```', "'''");
}

function cleaned(line: string, { redact, homeDirectories, withEmails }: Redaction): string {
  let text = redact(line);
  for (const home of [...homeDirectories].sort((a, b) => b.length - a.length)) {
    if (home.length > 1) text = text.replaceAll(home, '~');
  }
  return withEmails ? text : text.replace(emails, '[email]');
}
