import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Identities } from '../identities/identities.ts';
import type { Audit } from '../journal/audit.ts';
import { describeFault } from '../journal/describe-fault.ts';
import { openBundleTerminal } from '../launch/bundle-terminal.ts';
import { KeptCommands } from '../launch/kept-commands.ts';
import type { LaunchPreparation } from '../launch/launch-preparation.ts';
import { Running } from '../launch/running.ts';
import { RunningLogins } from '../launch/running-logins.ts';
import { TerminalTabs, type TerminalTabsParts } from '../launch/terminal-tabs.ts';
import { environmentHolders } from '../process/environment-holders.ts';
import { describeTree, isAlive, killRecorded, killTree, processStartTime } from '../process/kill-tree.ts';
import type { ProgramFinder } from '../process/program-finder.ts';
import { spawnPty } from '../process/spawn-pty.ts';
import { openJsonFile } from '../programs/json-file.ts';
import type { World } from './house.ts';

export interface TerminalHouseParts
  extends Pick<
    World,
    'data' | 'clock' | 'log' | 'redactor' | 'homeDirectory' | 'platform' | 'emit' | 'openBrowser'
  > {
  preparation: LaunchPreparation;
  cloudRuns: TerminalTabsParts['cloudRuns'];
  identities: Identities;
  finder: ProgramFinder;
  /** Absolute, private to the person. */
  runtimeDirectory: string;
  audit: Audit;
}

/** What is started as a bundle: tabs, the system's terminal, and the list of it all. */
export function composeTerminals(parts: TerminalHouseParts) {
  const { data, clock, log, redactor, homeDirectory, platform, emit, openBrowser } = parts;
  const { preparation, identities, finder, runtimeDirectory, audit } = parts;
  const running = new Running({ isAlive, clock });
  const started = { preparation, running, audit, clock, newId: randomUUID, homeDirectory, platform };
  const tabs = new TerminalTabs({
    ...started,
    cloudRuns: parts.cloudRuns,
    spawnPty: (request, size) => spawnPty(request, size, { clock }),
    killTree: (pid, options) => killTree(pid, { clock, ...options }),
    describeTree,
    processStartTime,
    onOutput: (tabId, from, bytes) => emit('terminals.output', { tabId, from, bytes }),
    onChanged: () => emit('terminals.changed', {}),
  });
  const logins = new RunningLogins({
    running,
    identities,
    holders: environmentHolders,
    describeTree,
    processStartTime,
    killRecorded: (id, options) => killRecorded(id, { clock, ...options }),
    endTab: (tabId) => tabs.end(tabId),
    clock,
    onChanged: () => emit('running.changed', {}),
    onFault: (error) => log.error('running.fault', describeFault(error)),
  });
  const commands = new KeptCommands(openJsonFile(join(data, 'kept-commands.json')), (text) =>
    redactor.redact(text),
  );

  return {
    running,
    tabs,
    logins,
    commands,
    openBrowser,
    openTerminal: (bundleId: string) =>
      openBundleTerminal(bundleId, { ...started, finder, runtimeDirectory, processStartTime }),
    /** Bundles or accounts are another thing now. */
    bundlesChanged: () => {
      logins.identitiesChanged();
      const { bundles, problems } = identities.list();
      // What cannot be read may have some.
      if (problems.length > 0) return;
      try {
        commands.keepOnly(bundles.map(({ id }) => id));
      } catch (error) {
        log.error('commands.fault', describeFault(error));
      }
    },
    /** Ends the tabs; terminals of the system go on. */
    stop: async () => {
      running.stop();
      logins.stop();
      await tabs.stop();
    },
  };
}
