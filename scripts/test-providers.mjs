/**
 * `npm run test:providers`: every contract with the real CLIs, against servers on this machine. Installs what it needs
 * into the user's cache, prints each CLI's version, and writes the report in docs/providers.md. A CLI that is not to be
 * had is left out, with the reason. Arguments go to the test runner (`-- -t codex`); the report is not written then.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { projectRoot, run, runOrThrow, say, toolsPath } from './project.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

await ensureInstalled();
await ensureSystemPackages(['keychain']);
const { findProviderPrograms } = await import('./provider-programs.mjs');
const programs = await findProviderPrograms();

const reports = join(projectRoot, 'test-results', 'providers');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const found = join(reports, 'programs.json');
writeFileSync(found, JSON.stringify(programs, null, 2));
const report = join(reports, 'contracts.json');

const env = { ...process.env, PATH: toolsPath, FORCE_COLOR: '0', LANYARD_CONTRACT_PROGRAMS: found };
delete env.DBUS_SESSION_BUS_ADDRESS;
const filters = process.argv.slice(2);
const runner = ['run', '--config', 'vitest.contracts.config.ts', '--reporter=verbose', '--reporter=json'];
const code = await run('vitest', [...runner, `--outputFile.json=${report}`, ...filters], { env });
if (filters.length === 0) {
  await runOrThrow('node', [join('scripts', 'contract-table.mjs'), report], { env });
  say('The report is in docs/providers.md.');
}
process.exitCode = code;
