import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { builtInProviders } from '../src-main/providers/built-in.ts';
import { demoProvider } from '../src-main/providers/demo.ts';
import { contractCases } from './cases.ts';
import { type ContractResult, reportedRows, rowOf, withContractTable } from './contract-table.ts';
import { notCovered } from './not-covered.ts';
import { wordsFor } from './support/people.ts';

const demo = demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1');
const providers = builtInProviders(demo).filter(({ id }) => id !== demo.id);
const ways = providers.flatMap(({ id, flows }) => flows.map((flow) => `${id}/${flow.id}`));
const page = await readFile(new URL('../docs/providers.md', import.meta.url), 'utf8');
const keyOf = ({ provider, flow }: { provider: string; flow: string }) => `${provider}/${flow}`;

describe('contracts', () => {
  it('there is one for every way to sign in, or a reason why not', () => {
    const covered = new Set(contractCases.map(keyOf));
    expect(ways.filter((way) => !covered.has(way)).sort()).toEqual(Object.keys(notCovered).sort());
    expect([...covered].filter((way) => !ways.includes(way))).toEqual([]);
  });

  it('expect the transport that the provider files say', () => {
    for (const contract of contractCases) {
      const flow = providers
        .find(({ id }) => id === contract.provider)
        ?.flows.find(({ id }) => id === contract.flow);
      expect([keyOf(contract), contract.transport]).toEqual([keyOf(contract), flow?.transport]);
    }
  });
});

describe('the report in docs/providers.md (npm run test:providers writes it)', () => {
  const rows = reportedRows(page);

  it('has the providers, ways and transports that the provider files have, under their names', () => {
    expect(page).toBe(withContractTable(page, providers, rows, notCovered));
    expect([...new Set(rows.map(keyOf))]).toEqual(ways);
    for (const row of rows) {
      const flow = providers.find(({ id }) => id === row.provider)?.flows.find(({ id }) => id === row.flow);
      expect([keyOf(row), row.transport]).toEqual([keyOf(row), flow?.transport]);
    }
  });

  it('has a row for every contract and no failed one', () => {
    const run = rows.filter(({ program }) => program !== '–').map((row) => `${keyOf(row)} ${row.person}`);
    expect(run.sort()).toEqual(contractCases.map((each) => `${keyOf(each)} ${wordsFor(each)}`).sort());
    expect(rows.filter(({ result }) => !/^passed$|^not run: ./.test(result))).toEqual([]);
  });

  it('says what a run said, and drops what is no longer there', () => {
    const result = (changes: Partial<ContractResult>): ContractResult => ({
      provider: 'codex',
      flow: 'browser',
      person: 'follows the link',
      transport: 'pipe',
      program: 'codex 0.169.0',
      reason: null,
      passed: true,
      ...changes,
    });
    const results = [
      result({}),
      result({ person: 'pastes the address', passed: false }),
      result({ flow: 'device', passed: false, reason: 'codex is not to be had' }),
      result({ flow: 'of-yesterday' }),
    ];
    const codex = providers.filter(({ id }) => id === 'codex');
    const written = withContractTable(page, codex, results.map(rowOf), {});
    expect(reportedRows(written).map((row) => [row.flow, row.person, row.result])).toEqual([
      ['browser', 'follows the link', 'passed'],
      ['browser', 'pastes the address', 'failed'],
      ['device', 'follows the link', 'not run: codex is not to be had'],
    ]);
    const [first] = reportedRows(withContractTable(page, codex, [], {}));
    expect(first).toMatchObject({ program: '–', result: 'not run: no contract yet' });
  });
});
