import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInProviders } from './built-in.ts';
import { codex } from './codex.ts';
import { ProviderDefinitionSchema } from './definition-schema.ts';
import { demoProvider } from './demo.ts';
import { withProviderTable } from './provider-table.ts';
import { loadUserProviders } from './user-defined.ts';

const page = await readFile(new URL('../../docs/providers.md', import.meta.url), 'utf8');
const builtIn = builtInProviders(demoProvider({ file: '/opt/lanyard', args: [] }, 'http://127.0.0.1:4000'));

describe('docs/providers.md', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'documented-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('has examples, and all of them load', async () => {
    const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '');
    for (const [index, text] of examples.entries()) {
      await writeFile(join(directory, `${index}.json`), text, { mode: 0o600 });
    }
    const { definitions, problems } = await loadUserProviders(directory, builtIn);
    expect(problems).toEqual([]);
    expect(definitions.map(({ id }) => id)).toEqual([
      'codex-acme',
      'aws-acme',
      'kubernetes-acme',
      'copilot-acme',
      'acme',
      'work-sso',
    ]);

    const [company] = definitions;
    const device = codex.flows.find(({ id }) => id === 'device');
    const { verificationUrl: _, ...inherited } = device ?? { verificationUrl: '' };
    expect(company).toEqual({
      ...codex,
      id: 'codex-acme',
      name: 'Codex at Acme',
      aliases: [],
      program: { ...codex.program, names: ['/opt/acme/bin/codex', 'codex'] },
      environment: { ...codex.environment, set: { ...codex.environment.set, ACME_REGION: 'eu' } },
      allowedHosts: ['login.acme.example'],
      flows: [
        {
          ...inherited,
          label: 'Acme device code',
          args: ['login', '--device-auth', '--experimental_issuer', 'https://login.acme.example'],
        },
      ],
      apiKey: null,
      timeoutSeconds: 300,
    });
  });

  it('names every field of the schema, and in its tables no other', () => {
    const known = new Set(fieldNames(ProviderDefinitionSchema));
    const tables = page.slice(page.indexOf('## All fields'));
    for (const name of known) expect(tables).toMatch(new RegExp(`["\`]${name}["\`]`));
    const kinds = ['none', 'callback', 'code', 'status-command', 'credential-file'];
    for (const [, cell = ''] of tables.matchAll(/^\| (`.*?) \|/gm)) {
      for (const [, name = ''] of cell.matchAll(/`([^`]+)`/g)) {
        if (name !== 'kind') expect([...known, ...kinds]).toContain(name);
      }
    }
  });

  it('has the table that the provider files make (npm run provider-table writes it)', () => {
    const ours = builtIn.filter(({ id }) => id !== 'demo');
    expect(page).toBe(withProviderTable(page, ours));
  });

  it('quotes problems as they are told', async () => {
    const broken = {
      id: 'x',
      extends: 'codex',
      timeoutSeconds: '5',
      flows: { device: { patterns: { code: '(' } } },
    };
    await writeFile(join(directory, 'a.json'), JSON.stringify(broken), { mode: 0o600 });
    await writeFile(join(directory, 'b.json'), '{\n  "id": "x",\n}', { mode: 0o600 });
    const { problems } = await loadUserProviders(directory, [codex]);
    expect(problems).toHaveLength(3);
    for (const { reason } of problems) expect(page).toContain(reason);
  });
});

/** Every key of every object in a valibot schema. */
function fieldNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { entries, item, wrapped, options, pipe } = schema as Record<string, unknown>;
  const names = typeof entries === 'object' && entries !== null ? Object.keys(entries) : [];
  const inner = [item, wrapped, ...Object.values(entries ?? {})];
  for (const list of [options, pipe])
    if (Array.isArray(list)) inner.push(...list.filter((each) => each !== schema));
  return [...names, ...inner.flatMap(fieldNames)];
}
