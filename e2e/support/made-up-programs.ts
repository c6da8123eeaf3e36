import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProviderDefinition } from '../../src-main/providers/definition.ts';
import { acmeProvider } from './acme-provider.ts';

/** Writes a shell script that can be started. @returns its path */
export async function writeProgram(path: string, body: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

/** What Widget's program does: it says its version, and signs in with a link that names that version. */
export function widgetProgram(version: string): string {
  return `#!/bin/sh
case $1 in
  --version) echo widget ${version} ;;
  status) echo 'Not logged in'; exit 1 ;;
  login)
    echo 'If your browser did not open, visit:'
    echo 'https://login.acme.example/oauth/authorize?response_type=code&client_id=widget-${version}'
    exec sleep 900 ;;
esac
`;
}

/** A provider whose program npm can install; nothing is called so on any machine. */
export const widget: ProviderDefinition = {
  ...acmeProvider,
  id: 'widget',
  name: 'Widget CLI for the Whole Company',
  mark: 'Wi',
  program: {
    names: ['lanyard-test-widget'],
    args: [],
    installCommand: 'npm install -g @acme/widget',
    npmPackage: '@acme/widget',
    version: { args: ['--version'] },
  },
  verified: '2.0.0',
};

/** Shared's program: its link leads nowhere, its device code is approved at once. */
export const sharedProgram = `case "$*" in
  login) echo 'https://login.acme.example/oauth/authorize?client_id=shared&response_type=code'; exec sleep 900 ;;
  *) echo 'Logged in as ada@acme.example' ;;
esac`;

/** A provider that cannot keep logins apart. */
export function sharedProvider(program: string): ProviderDefinition {
  const place = {
    kept: 'keychain',
    where: 'its entry in the system keychain',
    keyedBy: 'nothing',
    sharedWith: 'machine',
    known: 'documented',
  } as const;
  return {
    ...acmeProvider,
    id: 'shared',
    name: 'Shared',
    mark: 'Sh',
    program: { names: [program], args: [], installCommand: null },
    isolation: { linux: place, macos: place, windows: place },
  };
}

/** The folder of the npm that the tests were started with, for an app that starts with a PATH of its own. */
export async function npmFolder(): Promise<string> {
  const { access } = await import('node:fs/promises');
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const found = await access(join(folder, 'npm')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  throw new Error('the tests need an npm on the PATH');
}
