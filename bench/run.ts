import './name-exports.ts';
import { cpus, loadavg, totalmem } from 'node:os';
import { ensureElectron } from '../scripts/electron-runtime.mjs';
import { type Figure, table } from './figure.ts';

/** Each is loaded when its turn comes, so that what one brings along is not in the way of another. */
const measures: Record<string, () => Promise<(say: (text: string) => void) => Promise<Figure[]>>> = {
  link: async () => (await import('./link-latency.ts')).measureLink,
  start: async () => (await import('./start-time.ts')).measureStart,
  memory: async () => (await import('./memory.ts')).measureMemory,
  identities: async () => (await import('./many-identities.ts')).measureIdentities,
  interpreter: async () => (await import('./interpreter-throughput.ts')).measureInterpreter,
  command: async () => (await import('./command.ts')).measureCommand,
  cloud: async () => (await import('./cloud-sessions.ts')).measureCloudSessions,
};

/** One line that says what the figures were measured on. */
async function machine(): Promise<string> {
  const { version, fallback } = await ensureElectron();
  const processors = cpus();
  return [
    `Electron ${version}${fallback ? ' (development runtime)' : ''}`,
    `Node ${process.versions.node}`,
    `${process.platform} ${process.arch}`,
    `${processors.length} cores (${processors[0]?.model.trim() ?? 'unknown'})`,
    `${Math.round(totalmem() / 1024 ** 3)} GB`,
    `load ${loadavg()[0]?.toFixed(1)} when it began`,
  ].join(', ');
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(measures, name));
if (unknown.length > 0) {
  say(`There is no "${unknown.join('", "')}"; there are ${Object.keys(measures).join(', ')}.`);
  process.exit(2);
}

const measuredOn = await machine();
const figures: Figure[] = [];
for (const [name, load] of Object.entries(measures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  try {
    const measure = await load();
    figures.push(...(await measure(say)));
  } catch (error) {
    process.exitCode = 1;
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    figures.push({ name, value: 'not measured', aim: null, met: null, detail: '' });
  }
}
process.stdout.write(`\n${table(figures)}\n\n${measuredOn}\n`);
