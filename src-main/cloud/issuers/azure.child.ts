import { PublicClientApplication } from '@azure/msal-node';
import { systemClock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { Secret } from '../../vault/secret.ts';
import { AzureIssuer } from './azure.ts';

/**
 * Signs in with a device code, as a bundle's account would, then issues a token, all in the network that its
 * environment names; prints what came of it as JSON: `node azure.child.ts <request>`. Tokens are as good as printed: a
 * test made them up.
 */
const { clientId, tenantId, cacheFails, ...request } = JSON.parse(process.argv[2] ?? '{}');
const person = new PublicClientApplication({
  auth: { clientId, authority: `https://login.microsoftonline.com/${tenantId}` },
});
await person.acquireTokenByDeviceCode({
  scopes: ['https://management.azure.com/.default'],
  deviceCodeCallback: () => {},
});
let cache = new Secret(person.getTokenCache().serialize());
const before = cache.reveal();
try {
  const issuer = new AzureIssuer({
    clientId,
    tenantId,
    clock: systemClock,
    cache: {
      read: async () => {
        if (cacheFails) throw new LanyardError({ code: 'vault_locked', title: '', hint: '' });
        return cache;
      },
      write: async (next) => {
        cache = next;
      },
    },
  });
  const { token, ...issued } = await issuer.issue(request);
  print({ ...issued, token: token.reveal(), cacheWritten: cache.reveal() !== before });
} catch (error) {
  if (!(error instanceof LanyardError)) throw error;
  print({ failure: error.failure });
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
