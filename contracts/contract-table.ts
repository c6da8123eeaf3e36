import type { FlowDefinition, ProviderDefinition } from '../src-main/providers/definition.ts';

/** One case as the runner leaves it behind. */
export interface ContractRun {
  provider: string;
  flow: string;
  /** What the person did, in words. */
  person: string;
  transport: string;
  /** The CLI and its version. */
  program: string;
  /** Why it was not run. */
  reason: string | null;
}

export interface ContractResult extends ContractRun {
  passed: boolean;
}

/** A row of the report; `result` is "passed", "failed" or "not run: ..." with the reason. */
export interface ReportedRow {
  provider: string;
  flow: string;
  person: string;
  transport: string;
  program: string;
  result: string;
}

/** What stands before and after the report in a page. */
export const contractMarks = {
  start: '<!-- provider-contracts: written by `npm run test:providers` -->',
  end: '<!-- /provider-contracts -->',
} as const;

const nothing = '–';

export function rowOf({ passed, reason, ...run }: ContractResult): ReportedRow {
  return { ...run, result: reason !== null ? `not run: ${reason}` : passed ? 'passed' : 'failed' };
}

/**
 * The page with its report written anew: every way to sign in of every provider, in the providers' order.
 * @param reported what is known of them; rows of ways that are no longer there are left out
 * @param reasons why a way has no contract, by `provider/flow`
 * @throws Error when the page has no marks for it
 */
export function withContractTable(
  page: string,
  providers: readonly ProviderDefinition[],
  reported: readonly ReportedRow[],
  reasons: Readonly<Record<string, string>>,
): string {
  const rows = providers.flatMap((provider) =>
    provider.flows.flatMap((flow) => {
      const known = reported.filter((row) => row.provider === provider.id && row.flow === flow.id);
      const run = known.filter((row) => row.program !== nothing);
      const reason = reasons[`${provider.id}/${flow.id}`] ?? 'no contract yet';
      const missing = {
        person: nothing,
        transport: flow.transport,
        program: nothing,
        result: `not run: ${reason}`,
      };
      return (run.length > 0 ? run : [missing]).map((row) => cells(provider, flow, row));
    }),
  );
  const table = [
    ['Provider', 'Way to sign in', 'The person', 'Run with', 'Transport', 'Result'],
    ['---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
  const { before, after } = around(page);
  return `${before}\n${table}\n${after}`;
}

/** The rows that a page's report has. @throws Error when the page has no marks for it */
export function reportedRows(page: string): ReportedRow[] {
  const { between } = around(page);
  return between
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => {
      const [provider, flow, person, program, transport, result] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return {
        provider: idIn(provider),
        flow: idIn(flow),
        person: person ?? '',
        program: program ?? '',
        transport: transport ?? '',
        result: result ?? '',
      };
    });
}

function cells(
  provider: ProviderDefinition,
  flow: FlowDefinition,
  { person, program, transport, result }: Omit<ReportedRow, 'provider' | 'flow'>,
): string[] {
  return [
    `${provider.name} (\`${provider.id}\`)`,
    `${flow.label} (\`${flow.id}\`)`,
    person,
    program,
    transport,
    result,
  ];
}

/** The id that stands in backquotes at the end of a cell. */
function idIn(cell: string | undefined): string {
  return /\(`([^`]+)`\)$/.exec(cell ?? '')?.[1] ?? '';
}

function around(page: string): { before: string; between: string; after: string } {
  const from = page.indexOf(contractMarks.start);
  const to = page.indexOf(contractMarks.end);
  if (from === -1 || to < from)
    throw new Error(`the page needs ${contractMarks.start} and ${contractMarks.end}`);
  const start = from + contractMarks.start.length;
  return { before: page.slice(0, start), between: page.slice(start, to), after: page.slice(to) };
}
