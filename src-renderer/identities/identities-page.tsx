import { Match, Show, Switch } from 'solid-js';
import { ProblemsBanner } from '../components/problems.tsx';
import { useApp } from '../state/app-context.tsx';
import { shownBundle } from '../state/model.ts';
import { BlankIdentity } from './blank-identity.tsx';
import { BundleDetail } from './bundle-detail.tsx';
import { FirstRun } from './first-run.tsx';

export function IdentitiesPage() {
  const app = useApp();
  const bundle = () => shownBundle(app.state);
  const detail = () => app.state.details[bundle()?.id ?? ''];
  return (
    <>
      <ProblemsBanner problems={[...app.state.bundleProblems, ...app.state.providerProblems]} />
      <Switch fallback={<FirstRun />}>
        <Match when={bundle()?.blank && bundle()}>{(shown) => <BlankIdentity bundle={shown()} />}</Match>
        <Match when={bundle()}>
          {/* Read when it is shown for the first time, which takes less than a frame or two. */}
          <Show when={detail()}>{(shown) => <BundleDetail bundle={shown()} />}</Show>
        </Match>
      </Switch>
    </>
  );
}
