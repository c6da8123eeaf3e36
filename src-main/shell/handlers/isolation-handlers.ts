import type { IsolationReport, isolationCalls } from '../../../src-preload/contract/isolation.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { LanyardError } from '../../failures.ts';
import type { IsolationTest } from '../../methods/cli/isolation-test.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer } from './outcome.ts';

/** Whether accounts of a provider are kept apart. */
export function isolationHandlers(parts: {
  providers: ProviderRegistry;
  test: IsolationTest;
  onTested: (report: IsolationReport) => void;
}): HandlersOf<typeof isolationCalls> {
  return {
    'providers.testIsolation': ({ providerId }) =>
      answer(async () => {
        const provider = parts.providers.find(providerId);
        if (!provider) throw new LanyardError(signInFailures.unknownProvider(providerId));
        const report = await parts.test.run(provider);
        parts.onTested(report);
        return { report };
      }),
  };
}
