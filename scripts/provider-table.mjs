/**
 * `npm run provider-table`: writes the table of providers in docs/providers.md anew from the provider files. They are
 * TypeScript without anything to compile, which Node 24 reads as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInProviders } from '../src-main/providers/built-in.ts';
import { demoProvider } from '../src-main/providers/demo.ts';
import { withProviderTable } from '../src-main/providers/provider-table.ts';
import { projectRoot } from './project.mjs';

const page = join(projectRoot, 'docs', 'providers.md');
// The demo is left out: its program and its address are the app's own.
const demo = demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1');
const providers = builtInProviders(demo).filter(({ id }) => id !== demo.id);
writeFileSync(page, withProviderTable(readFileSync(page, 'utf8'), providers));
