import { createContext, type JSX, useContext } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { FlowView, ProviderView } from '../../src-preload/contract/providers.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { AppState, Connection } from '../state/model.ts';

/** What every part of the Connect modal knows. All of it is reactive. */
export interface ConnectView {
  connection: () => Connection;
  /** Absent for a provider that has gone since (a removed definition file). */
  provider: () => ProviderView | undefined;
  providerName: () => string;
  /** The way to sign in that runs, ran or is asked about; absent for one that has gone since. */
  flow: () => FlowView | undefined;
  session: () => SessionSnapshot | undefined;
  stage: () => AppState['sessions'][string]['stage'];
  /** The bundle's name, or how to speak of one that does not exist yet. */
  bundleName: () => string;
  /** Text in the paste box; kept while states change. */
  draft: () => string;
  setDraft: (text: string) => void;
  /** What the last button in the modal could not do; `null` clears it. */
  setProblem: (failure: Failure | null) => void;
  /** There is nothing left to cancel: the way out is called Done. */
  finish: () => void;
  /** The dialog's element, once it is there. */
  element: () => HTMLElement | undefined;
  /** To be called when a step took away the control that had the focus. */
  refocus: () => void;
}

const ConnectContext = createContext<ConnectView>();

export function ConnectProvider(props: { view: ConnectView; children: JSX.Element }) {
  return <ConnectContext.Provider value={props.view}>{props.children}</ConnectContext.Provider>;
}

export function useConnect(): ConnectView {
  const view = useContext(ConnectContext);
  if (!view) throw new Error('useConnect outside of the Connect modal');
  return view;
}
