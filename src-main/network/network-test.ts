import type { NetworkTest } from '../../src-preload/contract/network.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { OAuthError } from '../oauth/oauth-error.ts';
import { oauthFailure } from '../oauth/oauth-failures.ts';
import {
  providerFetch,
  RejectedError,
  TransportError,
  type TransportReason,
} from '../oauth/provider-http.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { Transport } from './transport.ts';

type FailedStep = Extract<NetworkTest, { success: false }>['step'];

/**
 * Where a provider is asked for a test: an issuer's metadata, else where its keys are checked, else its first host.
 * @throws LanyardError `no_address`
 */
export function testAddress(provider: ProviderDefinition): string {
  if (provider.issuer) return `${provider.issuer.url.replace(/\/$/, '')}/.well-known/openid-configuration`;
  if (provider.apiKey) return provider.apiKey.check.url;
  const host = provider.allowedHosts
    .map((each) => each.replace(/^=/, ''))
    .find((each) => /^[a-z0-9.-]+$/i.test(each));
  if (host !== undefined) return `https://${host}/`;
  throw new LanyardError({
    code: 'no_address',
    title: `Nothing is known of where ${provider.name} is on the network`,
    hint: 'Choose another provider.',
  });
}

/** Makes one request, without any secret, and says how far it came. */
export async function testNetwork(
  provider: ProviderDefinition,
  { transport, clock }: { transport: Transport; clock: Clock },
): Promise<NetworkTest> {
  const address = testAddress(provider);
  const url = new URL(address);
  const host = url.host;
  const way = await transport.wayTo(address);
  const secure = url.protocol === 'https:';
  const passed = (status: number): NetworkTest => ({ success: true, host, way, secure, status });
  const failed = (step: FailedStep, error: TransportError): NetworkTest => ({
    success: false,
    host,
    way,
    step,
    failure: oauthFailure(
      new OAuthError('discover-issuer', categoryOf(step), error.message, { cause: error }),
      provider.name,
    ),
  });
  try {
    const { status } = await providerFetch(transport.fetch, clock)(address, { method: 'GET' });
    return passed(status);
  } catch (error) {
    if (error instanceof RejectedError) {
      const { status } = error.provider;
      // Only a proxy says so (RFC 9110 section 15.5.8).
      return status === 407
        ? failed('proxy', new TransportError('proxy', 'HTTP 407', error))
        : passed(status);
    }
    if (!(error instanceof TransportError)) throw error;
    // Chromium says of a name that a proxy did not find no more than that the tunnel failed.
    if (error.reason === 'redirect') return passed(302);
    return failed(steps[error.reason], error);
  }
}

const steps: Record<TransportReason, FailedStep> = {
  dns: 'resolve',
  proxy: 'proxy',
  refused: 'connect',
  unreachable: 'connect',
  tls: 'tls',
  timeout: 'answer',
  reset: 'answer',
  redirect: 'answer',
  'too-large': 'answer',
  unknown: 'answer',
};

function categoryOf(step: FailedStep): OAuthError['category'] {
  return step === 'answer' ? 'token_exchange_request' : 'token_exchange_connect';
}
