import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@playwright/test';
import { ensureClis } from '../../scripts/install-clis.mjs';
import { type CliProcess, type CliRequest, runOnPipes } from './cli-process.ts';
import { ConnectModal } from './connect-modal.ts';
import { accountEntries } from './connect-ui.ts';
import { type LaunchedApp, type LaunchOptions, launchApp } from './launch-app.ts';
import { createLocalCa } from './local-ca.ts';
import type { HostHandler } from './local-host.ts';
import { type LocalNet, startLocalNet } from './local-net.ts';
import { type ListedProcess, processesOf } from './process-list.ts';
import { createTestPlace, projectRoot, type TestPlace } from './test-place.ts';

const packages = {
  codex: '@openai/codex',
  claude: '@anthropic-ai/claude-code',
  gemini: '@google/gemini-cli',
  copilot: '@github/copilot',
};

let printed = false;

/** Directory of the real CLIs, installed when missing; prints their versions once per worker. */
async function realClis(): Promise<string> {
  const { binDirectory } = await ensureClis();
  if (!printed) {
    printed = true;
    const versions = Object.entries(packages).map(([name, directory]) => {
      const manifest = join(binDirectory, '..', directory, 'package.json');
      return `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
    });
    console.info(`Real CLIs: ${versions.join(', ')}`);
  }
  return binDirectory;
}

export interface SceneOptions {
  /** What the local network plays. */
  hosts?: Record<string, HostHandler>;
  /** User-defined providers, written before the app starts. */
  providers?: ({ id: string } & Record<string, unknown>)[];
  /** Whether opened links are followed at once. */
  follow?: boolean;
  /** More of the app's environment, such as a session bus. */
  env?: Record<string, string>;
}

/** The app with the real CLIs on its PATH, in a network that ends on this machine. */
export class CliScene {
  readonly place: TestPlace;
  readonly net: LocalNet;
  readonly #bin: string;
  readonly #launch: LaunchOptions;
  #launched: LaunchedApp;
  #modal: ConnectModal;

  private constructor(
    place: TestPlace,
    net: LocalNet,
    bin: string,
    launch: LaunchOptions,
    launched: LaunchedApp,
  ) {
    this.place = place;
    this.net = net;
    this.#bin = bin;
    this.#launch = launch;
    this.#launched = launched;
    this.#modal = new ConnectModal(launched.window);
  }

  static async open(options: SceneOptions = {}): Promise<CliScene> {
    const bin = await realClis();
    const place = await createTestPlace();
    const directory = join(place.data, 'providers');
    await mkdir(directory, { recursive: true });
    for (const provider of options.providers ?? []) {
      await writeFile(join(directory, `${provider.id}.json`), JSON.stringify(provider));
    }
    const net = await startLocalNet(await createLocalCa(place.root), options.hosts ?? {});
    const launch = { place, net, pathPrefix: [bin], follow: options.follow ?? false, env: options.env ?? {} };
    try {
      return new CliScene(place, net, bin, launch, await launchApp(launch));
    } catch (error) {
      await net.close();
      await place.remove();
      throw error;
    }
  }

  get launched(): LaunchedApp {
    return this.#launched;
  }

  get modal(): ConnectModal {
    return this.#modal;
  }

  /** Quits the app and starts it again on the same data. */
  async restart(): Promise<void> {
    await this.#launched.close();
    this.#launched = await launchApp(this.#launch);
    this.#modal = new ConnectModal(this.#launched.window);
  }

  /** Runs a real CLI without the app, as the person would in a terminal. */
  run(name: keyof typeof packages, args: string[], env: Record<string, string>): CliProcess {
    const path = [this.#launched.opener.pathDirectory, this.#bin, join(projectRoot, 'node_modules', '.bin')];
    const request: CliRequest = {
      file: join(this.#bin, name),
      args,
      cwd: this.place.home,
      env: {
        PATH: [...path, '/usr/bin', '/bin'].join(':'),
        HOME: this.place.home,
        ...this.net.environment,
        ...env,
      },
    };
    return runOnPipes(request);
  }

  /** Entries below the accounts directory, see `accountEntries`; pending marks are among them. */
  accountEntries(): string[] {
    return accountEntries(this.place.data);
  }

  /** The path of what {@link accountEntries} names. */
  accountDirectory(entry: string): string {
    return join(this.place.data, 'accounts', entry);
  }

  /** Processes that work in an account's directory or were started through an opener shim: sign-ins and their children. */
  signInProcesses(): ListedProcess[] {
    // Besides those of sign-ins, 'run' holds directories of programs that are asked for their version.
    const markers = [join(this.place.data, 'accounts'), join(this.place.data, 'run', 'auth-')];
    // A look at an account that was just saved.
    const checks = join(this.place.data, 'run', 'checks');
    return processesOf(
      ({ pid, arguments: words, environment }) =>
        pid !== process.pid &&
        !environment.some((text) => text.includes(checks)) &&
        [...words, ...environment].some((text) => markers.some((marker) => text.includes(marker))),
    );
  }

  /** Everything in the app's log files. */
  async logs(): Promise<string> {
    const directory = join(this.place.data, 'logs');
    const names = await readdir(directory);
    return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('');
  }

  /** Quits the app, ends what a failed test left of its sign-ins, and removes the place. */
  async close(): Promise<void> {
    await this.#launched.close();
    for (const { pid } of this.signInProcesses()) killIfThere(pid);
    await this.net.close();
    await this.place.remove();
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** A test that opens scenes, which are closed after it. */
export const sceneTest = test.extend<{ openScene: (options?: SceneOptions) => Promise<CliScene> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
  openScene: async ({}, use) => {
    const scenes: CliScene[] = [];
    await use(async (options) => {
      const scene = await CliScene.open(options);
      scenes.push(scene);
      return scene;
    });
    for (const scene of scenes) await scene.close();
  },
});
