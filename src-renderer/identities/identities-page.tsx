import { Match, Switch } from 'solid-js';
import { ProblemsBanner } from '../components/problems.tsx';
import { useApp } from '../state/app-context.tsx';
import { shownBundle } from '../state/model.ts';
import { BlankIdentity } from './blank-identity.tsx';
import { BundleDetail } from './bundle-detail.tsx';
import { FirstRun } from './first-run.tsx';

export function IdentitiesPage() {
  const app = useApp();
  const bundle = () => shownBundle(app.state);
  const own = () => {
    const shown = bundle();
    return shown && !shown.blank ? shown : undefined;
  };
  return (
    <>
      <ProblemsBanner problems={[...app.state.bundleProblems, ...app.state.providerProblems]} />
      <Switch fallback={<FirstRun />}>
        <Match when={own()}>{(shown) => <BundleDetail bundle={shown()} />}</Match>
        <Match when={bundle()}>{(shown) => <BlankIdentity bundle={shown()} />}</Match>
      </Switch>
    </>
  );
}
