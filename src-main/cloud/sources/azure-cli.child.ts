import { systemClock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { AzureIssuer } from '../issuers/azure.ts';
import { azureCliCache, azureCliClient, tenantsIn } from './azure-cache.ts';

/**
 * Issues a token from a directory of the Azure CLI, in the network that its environment names:
 * `node azure-cli.child.ts <request>`. Tokens are as good as printed: a test made them up.
 */
const { directory, mayWrite, resource } = JSON.parse(process.argv[2] ?? '{}');
const cache = azureCliCache(directory, mayWrite);
try {
  const [tenantId = ''] = await tenantsIn(cache);
  const issuer = new AzureIssuer({ clientId: azureCliClient, tenantId, cache, clock: systemClock });
  const { token, ...issued } = await issuer.issue({ resource });
  print({ ...issued, token: token.reveal() });
} catch (error) {
  if (!(error instanceof LanyardError)) throw error;
  print({ failure: error.failure });
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
