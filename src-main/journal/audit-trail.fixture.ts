import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../manual-clock.fixture.ts';
import { MemoryVault } from '../vault/memory-vault.fixture.ts';
import { AuditTrail, type AuditTrailParts } from './audit-trail.ts';

/** A trail on a real disk, with a vault in memory, and hands that change its files. */
export class TrailPlaceForTests {
  readonly directory = mkdtempSync(join(tmpdir(), 'lanyard-trail-'));
  readonly vault = new MemoryVault('keychain');
  readonly clock = new ManualClock();
  readonly errors: string[] = [];
  changes = 0;

  /** A process that writes the trail. */
  open(more: Partial<AuditTrailParts> = {}): AuditTrail {
    return new AuditTrail({
      directory: this.directory,
      vault: this.vault,
      clock: this.clock,
      lock: {
        self: async () => ({ pid: process.pid, startTime: 'now' }),
        isRunning: async () => true,
        newId: randomUUID,
      },
      redact: (text) => text,
      knownOf: () => ({}),
      onChanged: () => {
        this.changes += 1;
      },
      log: { error: (event) => this.errors.push(event) },
      maxFileBytes: 1_000,
      ...more,
    });
  }

  /** A whole run that records so many events and quits. */
  async run(count: number, more: Partial<AuditTrailParts> = {}): Promise<void> {
    const trail = this.open(more);
    for (let at = 0; at < count; at += 1) {
      trail.record({ kind: 'account.signed_in', providerId: 'demo', detail: { at } });
      // Each in a write of its own, so that files are filled as they are in life.
      if (at % 3 === 2) await trail.settled();
    }
    await trail.stop();
  }

  names(): string[] {
    return readdirSync(this.directory)
      .filter((name) => name.endsWith('.jsonl'))
      .sort();
  }

  text(name: string): string {
    return readFileSync(join(this.directory, name), 'utf8');
  }

  /** All lines of all files. */
  lines(): string[] {
    return this.names().flatMap((name) => this.text(name).split('\n').slice(0, -1));
  }

  entries(): { seq: number; kind: string; key?: string; detail?: Record<string, unknown> }[] {
    return this.lines()
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }

  /** Changes the lines as somebody with the files, but not the vault, could. */
  rewrite(change: (lines: string[]) => string[]): void {
    let rest = change(this.lines());
    const sizes = this.names().map((name) => this.text(name).split('\n').length - 1);
    for (const [at, name] of this.names().entries()) {
      const isLast = at === sizes.length - 1;
      const here = isLast ? rest : rest.slice(0, sizes[at]);
      rest = rest.slice(here.length);
      writeFileSync(join(this.directory, name), here.map((line) => `${line}\n`).join(''));
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
