import type { issuerCalls } from '../../../src-preload/contract/issuers.ts';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import type { Identities } from '../../identities/identities.ts';
import { OAuthError } from '../../oauth/oauth-error.ts';
import { oauthFailure } from '../../oauth/oauth-failures.ts';
import { OidcClient } from '../../oauth/oidc-client.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import { IssuerFormError, readIssuerForm } from '../../providers/issuer-form.ts';
import type { ProviderFiles } from '../../providers/provider-files.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome, refusal } from './outcome.ts';

export interface IssuerHandlerParts {
  providers: ProviderRegistry;
  files: ProviderFiles;
  identities: Identities;
  refreshProviders: () => Promise<void>;
  fetch: Fetch;
  clock: Clock;
}

/** Issuers that the person adds. */
export function issuerHandlers(parts: IssuerHandlerParts): HandlersOf<typeof issuerCalls> {
  const { providers, files, identities } = parts;
  const taken = (id: string) => providers.find(id) !== null || files.has(id);
  return {
    'issuers.test': async (form) => {
      try {
        const { definition } = readIssuerForm(form, () => false);
        if (!definition.issuer) throw new Error('a form without an issuer');
        const { url, ...client } = definition.issuer;
        const issuer = await OidcClient.discover({ issuer: url, ...client }, parts);
        // Without metadata a code that nobody enters is what shows that the client is known.
        if (client.endpoints?.device) await issuer.startDevice();
        return { success: true, supports: issuer.supports };
      } catch (error) {
        return formRefusal(
          error instanceof OAuthError ? new LanyardError(oauthFailure(error, form.name)) : error,
        );
      }
    },
    'issuers.add': async (form) => {
      try {
        const { file, definition } = readIssuerForm(form, taken);
        await files.add(definition.id, file);
        await parts.refreshProviders();
        return { success: true, providerId: definition.id };
      } catch (error) {
        return formRefusal(error);
      }
    },
    'issuers.remove': ({ providerId }) =>
      outcome(async () => {
        if (identities.usesProvider(providerId)) {
          throw new LanyardError({
            code: 'provider_in_use',
            title: 'Accounts of this provider are signed in.',
            hint: 'Sign them out first, then remove it.',
          });
        }
        await files.removeIssuer(providerId);
        await parts.refreshProviders();
      }),
  };
}

function formRefusal(error: unknown) {
  return { ...refusal(error), ...(error instanceof IssuerFormError ? { field: error.field } : {}) };
}
