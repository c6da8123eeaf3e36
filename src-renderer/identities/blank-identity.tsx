import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import { BundleAvatar } from '../components/bundle-mark.tsx';
import './blank-identity.css';

export function BlankIdentity(props: { bundle: BundleSummary }) {
  return (
    <>
      <header data-component="bundle-header">
        <BundleAvatar bundle={props.bundle} />
        <div data-component="bundle-title">
          <h1 id="page-title" data-component="page-title" tabIndex={-1}>
            {props.bundle.name}
          </h1>
          <p>The machine's own logins</p>
        </div>
      </header>
      <div data-component="blank-text">
        <p>
          Nothing of Lanyard's is used here: a program that runs with no credentials finds whatever logins
          this computer already has, exactly as if it had been started from a terminal.
        </p>
        <p>
          This identity is always there. It cannot be renamed or deleted, and no account can be added to it.
        </p>
      </div>
    </>
  );
}
