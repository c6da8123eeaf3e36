/**
 * Writes the report of the contracts in docs/providers.md anew: from the JSON that their run has left, or, without its
 * name, with the rows that are there and a "not run" for each way to sign in that has none. The files that it reads are
 * TypeScript without anything to compile, which Node 24 reads as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportedRows, rowOf, withContractTable } from '../contracts/contract-table.ts';
import { notCovered } from '../contracts/not-covered.ts';
import { builtInProviders } from '../src-main/providers/built-in.ts';
import { demoProvider } from '../src-main/providers/demo.ts';
import { projectRoot } from './project.mjs';

const [report] = process.argv.slice(2);
const page = join(projectRoot, 'docs', 'providers.md');
const text = readFileSync(page, 'utf8');
const demo = demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1');
const providers = builtInProviders(demo).filter(({ id }) => id !== demo.id);

function resultsOf(file) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ meta }) => meta?.contract)
    .map(({ meta, status }) => ({ ...meta.contract, passed: status === 'passed' }));
}

const rows = report ? resultsOf(report).map(rowOf) : reportedRows(text);
writeFileSync(page, withContractTable(text, providers, rows, notCovered));
