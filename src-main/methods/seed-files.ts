import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProviderDefinition } from '../providers/definition.ts';
import { seedText } from '../providers/seed-text.ts';

/** Writes the files that a provider's programs want to find. @param directory the account's own */
export async function writeSeedFiles({ configDir }: ProviderDefinition, directory: string): Promise<void> {
  for (const seed of configDir?.seed ?? []) {
    const file = join(directory, seed.path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, seedText(seed, directory), { mode: 0o600 });
  }
}
