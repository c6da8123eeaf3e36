import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const CredentialsSchema = v.object({
  accessToken: v.string(),
  email: v.string(),
  accountId: v.string(),
  organisationId: v.string(),
  organisation: v.string(),
  plan: v.string(),
});
export type DemoCredentials = v.InferOutput<typeof CredentialsSchema>;

const fileName = 'demo-credentials.json';

/** @returns `null` when nobody is signed in there, or the file cannot be understood */
export async function readCredentials(home: string): Promise<DemoCredentials | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(home, fileName), 'utf8'));
    const parsed = v.safeParse(CredentialsSchema, value);
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Writes the whole file or none of it, readable by the person alone. */
export async function writeCredentials(home: string, credentials: DemoCredentials): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const next = join(home, `.${fileName}.${process.pid}`);
  try {
    await writeFile(next, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
    await rename(next, join(home, fileName));
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

export async function removeCredentials(home: string): Promise<void> {
  await rm(join(home, fileName), { force: true });
}
