import type { Audit } from '../journal/audit.ts';
import type { RegisteredProvider } from './registry.ts';

/** Takes down which of the person's own providers came, went, or say something else now. */
export function recordProviderChanges(
  before: readonly RegisteredProvider[],
  after: readonly RegisteredProvider[],
  audit: Audit,
): void {
  const [old, now] = [userDefined(before), userDefined(after)];
  for (const [providerId, text] of now) {
    if (!old.has(providerId)) audit.record({ kind: 'provider.added', providerId });
    else if (old.get(providerId) !== text) audit.record({ kind: 'provider.changed', providerId });
  }
  for (const providerId of old.keys()) {
    if (!now.has(providerId)) audit.record({ kind: 'provider.removed', providerId });
  }
}

function userDefined(providers: readonly RegisteredProvider[]): Map<string, string> {
  return new Map(
    providers
      .filter(({ origin }) => origin === 'user')
      .map(({ definition }) => [definition.id, JSON.stringify(definition)]),
  );
}
