import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { missingForSecretService, startSecretService } from '../../e2e/support/secret-service.ts';

/**
 * A keychain of the test's own for this process, until the test is over; what is started in a contract house does not see
 * it. Skips the test where none can be had.
 */
export async function useOwnKeychain(context: TestContext): Promise<void> {
  const missing = missingForSecretService();
  if (missing.length > 0) context.skip(`${missing.join(' and ')} not found`);
  const root = await mkdtemp(join(tmpdir(), 'lanyard-contract-keychain-'));
  const service = await startSecretService(root);
  process.env.DBUS_SESSION_BUS_ADDRESS = service.env.DBUS_SESSION_BUS_ADDRESS;
  onTestFinished(async () => {
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
    await service.end();
    await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
}
