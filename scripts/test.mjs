/**
 * `npm test`: installs what is missing, then types, lint, unit and integration tests, the build, the end-to-end tests
 * in the real Electron, and a look for secrets in what all of them left behind. Ends with `N passed, N failed`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { projectRoot, run, say, toolsPath } from './project.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

await ensureInstalled();
if (!(await ensureSystemPackages(['electron', 'display', 'keychain', 'command', 'shells']))) process.exit(1);
const { ensureElectron } = await import('./electron-runtime.mjs');
const { ensureClis } = await import('./install-clis.mjs');
const { startDisplay } = await import('./display.mjs');
const runtime = await ensureElectron();
await ensureClis();
const { ensureMoto } = await import('./moto.mjs');
const moto = await ensureMoto();
if ('missing' in moto) say(moto.missing);

const reports = join(projectRoot, 'test-results', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

// Every secret that the tests' servers hand out is noted here, and looked for at the end.
const register = join(projectRoot, 'test-results', 'canaries.jsonl');
rmSync(register, { force: true });
const began = Date.now();

const { display, stop } = await startDisplay();
// No colour, no prompts, and nothing of the person's own session: tests bring their own homes and keychains.
const env = { ...process.env, PATH: toolsPath, DISPLAY: display, FORCE_COLOR: '0', CI: process.env.CI ?? '' };
env.LANYARD_CANARIES = register;
delete env.DBUS_SESSION_BUS_ADDRESS;
delete env.WAYLAND_DISPLAY;

const total = { passed: 0, failed: 0, skipped: 0 };
const failedSteps = [];

/** Runs one command that counts as one test. */
async function check(name, file, args) {
  say(`\n== ${name}`);
  const ok = (await run(file, args, { env })) === 0;
  total[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failedSteps.push(name);
  return ok;
}

/** Runs a test runner and adds what its JSON report counts; a runner that failed without a failed test counts as one. */
async function suite(name, file, args, reportFile, count) {
  say(`\n== ${name}`);
  const code = await run(file, args, { env });
  const counted = existsSync(reportFile) ? count(JSON.parse(readFileSync(reportFile, 'utf8'))) : null;
  const { passed, failed, skipped } = counted ?? { passed: 0, failed: 0, skipped: 0 };
  total.passed += passed;
  total.skipped += skipped;
  total.failed += failed > 0 ? failed : code === 0 && passed > 0 ? 0 : 1;
  if (failed > 0 || code !== 0 || passed === 0) failedSteps.push(name);
}

try {
  await check('types', 'npm', ['run', '--silent', 'typecheck']);
  // The command comes before the tests that start it.
  await check('lanyard command', 'node', [join(projectRoot, 'scripts', 'build-command.mjs'), '--check']);
  await check('lint', 'npm', ['run', '--silent', 'lint']);
  const vitest = (name, ...config) => {
    const report = join(reports, `${name.split(' ')[0]}.json`);
    const args = ['run', ...config, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    return suite(name, 'vitest', args, report, (counted) => ({
      passed: counted.numPassedTests,
      failed:
        counted.numFailedTests + (counted.numFailedTestSuites > 0 && counted.numFailedTests === 0 ? 1 : 0),
      skipped: counted.numPendingTests + counted.numTodoTests,
    }));
  };
  await vitest('unit and integration');
  await vitest('contracts with the real CLIs', '--config', 'vitest.contracts.config.ts');
  if (await check('package', 'node', [join(projectRoot, 'scripts', 'package.mjs')])) {
    say(`\n== end to end on Electron ${runtime.version}${runtime.fallback ? ' (development runtime)' : ''}`);
    const e2e = join(reports, 'e2e.json');
    env.PLAYWRIGHT_JSON_OUTPUT_FILE = e2e;
    await suite('end to end', 'playwright', ['test', '--reporter=list,json'], e2e, ({ stats }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    }));
  }
  await check('no secret left behind', 'node', [
    join(projectRoot, 'scripts', 'canary-scan.mjs'),
    register,
    String(began),
    join(projectRoot, 'test-results'),
  ]);
} finally {
  await stop();
  rmSync(register, { force: true });
}

if (failedSteps.length > 0) say(`\nFailed: ${failedSteps.join(', ')}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
