import { systemClock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { Secret } from '../../vault/secret.ts';
import { GcpIssuer, revokeGcpToken } from './gcp.ts';

/**
 * Issues a token in the network that its environment names, or revokes one, and prints what came of it as JSON:
 * `node gcp.child.ts <request>`. Tokens are as good as printed: a test made them up.
 */
const request = JSON.parse(process.argv[2] ?? '{}');
try {
  if (request.revoke) {
    print(await revokeGcpToken(new Secret(request.revoke)));
  } else {
    const issuer = new GcpIssuer({ token: async () => new Secret('base-token'), clock: systemClock });
    const { token, ...issued } = await issuer.issue(request);
    print({ ...issued, token: token.reveal() });
  }
} catch (error) {
  if (!(error instanceof LanyardError)) throw error;
  print({ failure: error.failure });
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
