import { realpathSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { release, type } from 'node:os';
import { join } from 'node:path';
import type { IsolationReport } from '../../src-preload/contract/isolation.ts';
import type { Clock } from '../clock.ts';
import type { Identities } from '../identities/identities.ts';
import type { AuditTrail } from '../journal/audit-trail.ts';
import { type DiagnosticsFacts, diagnosticsReport } from '../journal/diagnostics.ts';
import type { ProgramStates } from '../programs/program-states.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { ChosenVault } from '../vault/chosen-vault.ts';
import type { Redactor } from '../vault/redact.ts';
import type { SelfTestStep } from '../vault/self-test.ts';

export interface DiagnosticsHouseParts {
  data: string;
  clock: Clock;
  homeDirectory: string;
  redactor: Redactor;
  vault: ChosenVault;
  audit: AuditTrail;
  providers: ProviderRegistry;
  programStates: ProgramStates;
  identities: Identities;
}

export interface Diagnostics {
  /** @param versions of what runs it, by name */
  report(versions: Record<string, string>, options: { withEmails: boolean }): Promise<string>;
  /** Remembers the vault's self-test for the report. */
  selfTested(steps: readonly SelfTestStep[]): void;
  /** Remembers a test of whether accounts are kept apart. */
  isolationTested(report: IsolationReport): void;
}

/** Bytes, and lines, of the log's end. */
const logBytes = 64 * 1024;
const logLines = 150;

/** What the parts of the house say about themselves, put together into the diagnostics report. */
export function composeDiagnostics(parts: DiagnosticsHouseParts): Diagnostics {
  const checks = new Map<string, DiagnosticsFacts['checks'][number]>();
  const now = () => new Date(parts.clock.now()).toISOString();
  const homes = [...new Set([parts.homeDirectory, realOr(parts.homeDirectory)])];
  return {
    report: async (versions, { withEmails }) =>
      diagnosticsReport(
        {
          at: now(),
          versions: { ...versions, System: `${type()} ${release()} ${process.arch}` },
          ...(await facts(parts)),
          checks: [...checks.values()],
          log: await lastLines(join(parts.data, 'logs', 'lanyard.log')),
        },
        { redact: (text) => parts.redactor.redact(text), homeDirectories: homes, withEmails },
      ),
    selfTested: (steps) => {
      const failed = steps.some(({ outcome }) => outcome.status === 'failed');
      const details = steps.map(({ step, outcome }) =>
        outcome.status === 'failed'
          ? `${step}: failed (${outcome.failure.code})`
          : `${step}: ${outcome.status}`,
      );
      checks.set('keys', { what: 'Keys are kept', at: now(), result: failed ? 'failed' : 'passed', details });
    },
    isolationTested: ({ providerId, verdict, reason, steps }) => {
      const details = steps.map(({ id, result }) => `${id}: ${result}`);
      checks.set(`apart ${providerId}`, {
        what: `Accounts of ${providerId} are kept apart`,
        at: now(),
        result: reason === undefined ? verdict : `${verdict}: ${reason}`,
        details,
      });
    },
  };
}

async function facts(
  parts: DiagnosticsHouseParts,
): Promise<Omit<DiagnosticsFacts, 'at' | 'versions' | 'checks' | 'log'>> {
  const { vault, audit, providers, programStates, identities } = parts;
  const state = await vault.state();
  const { bundles, problems } = identities.list();
  const accounts = identities.accounts();
  const autoLock = describeAutoLock(vault);
  return {
    keys: {
      backend: state.backend ?? 'nothing chosen',
      status: state.fault ? `${state.status} (${state.fault.detail})` : state.status,
      sealedFile: state.sealedFile,
      count: state.entries,
      autoLock,
    },
    trail: audit.state(),
    providers: providers.list().map(({ definition, origin }) => ({
      id: definition.id,
      origin,
      ...describeProgram(definition, programStates),
      accounts: countBy(
        accounts.filter(({ provider }) => provider === definition.id),
        ({ status }) => status,
      ),
    })),
    problems: [...problems, ...providers.problems()].map(
      ({ source, line, reason }) => `${source}${line === undefined ? '' : `: line ${line}`}: ${reason}`,
    ),
    counts: {
      Identities: bundles.filter(({ blank }) => !blank).length,
      Accounts: accounts.length,
      Providers: providers.list().length,
    },
    settings: {
      'Keys are kept in': state.backend ?? 'nothing chosen',
      'Sealed file locks by itself': autoLock,
      'Data directory': parts.data,
    },
  };
}

function describeAutoLock(vault: ChosenVault): string {
  const { afterMinutes, whenAway } = vault.autoLock;
  const after = afterMinutes === null ? [] : [`after ${afterMinutes} minutes`];
  const away = whenAway ? ['when the person goes away'] : [];
  return [...after, ...away].join(' and ') || 'no';
}

function describeProgram(
  provider: ProviderDefinition,
  states: ProgramStates,
): { program: string; path?: string } {
  const state = states.of(provider);
  if (state.state !== 'found') return { program: state.state };
  const version = state.version === undefined ? 'version unknown' : state.version;
  return { program: `found, ${version} (checked against ${provider.verified})`, path: state.path };
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

/** The last lines of a file; none where it cannot be read, which the report then shows. */
async function lastLines(path: string): Promise<string[]> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const length = Math.min(size, logBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n').filter(Boolean);
      // The first one is cut.
      return (size > length ? lines.slice(1) : lines).slice(-logLines);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return [`The log could not be read: ${code}`];
  }
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
