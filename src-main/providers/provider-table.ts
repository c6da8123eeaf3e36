import type { CredentialPlace, FlowDefinition, ProofDefinition, ProviderDefinition } from './definition.ts';
import { ownProofWords } from './describe-provider.ts';
import { accountProvider } from './parameters.ts';

/** What stands before and after the table in a page. */
export const tableMarks = {
  start: '<!-- provider-table: written by `npm run provider-table` -->',
  end: '<!-- /provider-table -->',
} as const;

/** A table of providers in Markdown, one row each, without a newline at its end. */
export function providerTable(definitions: readonly ProviderDefinition[]): string {
  const rows = definitions.map((definition) => [
    `${definition.name} (\`${definition.id}\`)`,
    definition.flows.map(flowWords).join('<br>') || 'API key only',
    definition.apiKey ? `\`${definition.apiKey.variable}\`` : '–',
    [
      proofWords(accountProvider(definition).proof),
      ...(definition.flows.some(({ by }) => by !== undefined)
        ? [`without the program: ${ownProofWords}`]
        : []),
    ].join('<br>'),
    storeWords(definition),
    versionWords(definition.verified),
  ]);
  return [
    ['Provider', 'Ways to sign in', 'API key', 'What proves it', 'Where the login is', 'Checked with'],
    ['---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/**
 * The page with its table written anew.
 * @throws Error when the page has no marks for it
 */
export function withProviderTable(page: string, definitions: readonly ProviderDefinition[]): string {
  const from = page.indexOf(tableMarks.start);
  const to = page.indexOf(tableMarks.end);
  if (from === -1 || to < from) throw new Error(`the page needs ${tableMarks.start} and ${tableMarks.end}`);
  const before = page.slice(0, from + tableMarks.start.length);
  return `${before}\n${providerTable(definitions)}\n${page.slice(to)}`;
}

function flowWords(flow: FlowDefinition): string {
  const { label, by, transport, verified, fixedPort, portMayMove, parameters, yields } = flow;
  const notes = [
    by === undefined ? transport : 'no program',
    ...(fixedPort === undefined ? [] : [`port ${fixedPort}${portMayMove ? ' or another' : ''}`]),
  ];
  if (yields) notes.push(`\`${yields.variable}\` kept by Lanyard`);
  if (parameters && parameters.length > 0) notes.push('asks first');
  if (verified !== undefined && by === undefined) notes.push(versionWords(verified));
  return `${label}: ${notes.join(', ')}`;
}

function proofWords(proof: ProofDefinition): string {
  switch (proof.kind) {
    case 'none':
      return 'one request with the key';
    case 'credential-file':
      return `file \`${proof.path}\`${proof.field === undefined ? '' : `, field \`${proof.field}\``}`;
    case 'status-command': {
      const command = `\`${proof.args.join(' ')}\` exits with 0`;
      const field = proof.json ? `, \`${proof.json.field}\` is \`${String(proof.json.equals)}\`` : '';
      return `${command}${field}${proof.text === undefined ? '' : `, output has \`${proof.text}\``}`;
    }
  }
}

const systems = { linux: 'Linux', macos: 'macOS', windows: 'Windows' } as const;

function storeWords({ isolation }: ProviderDefinition): string {
  if (!isolation) return 'unknown';
  const groups = new Map<string, string[]>();
  for (const [system, name] of Object.entries(systems)) {
    const words = placeWords(isolation[system as keyof typeof systems]);
    groups.set(words, [...(groups.get(words) ?? []), name]);
  }
  if (groups.size === 1) return [...groups.keys()].join('');
  return [...groups].map(([words, names]) => `${names.join(', ')}: ${words}`).join('<br>');
}

function placeWords({ where, sharedWith }: CredentialPlace): string {
  return sharedWith === 'machine' ? `${where}; **shared with this machine**` : where;
}

function versionWords(verified: string): string {
  return verified === 'unverified' ? '`unverified`' : verified;
}
