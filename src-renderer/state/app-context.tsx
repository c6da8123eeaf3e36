import { createContext, type JSX, useContext } from 'solid-js';
import type { App } from './create-app.ts';

const AppContext = createContext<App>();

export function AppProvider(props: { app: App; children: JSX.Element }) {
  return <AppContext.Provider value={props.app}>{props.children}</AppContext.Provider>;
}

/** The window's one state and everything a person can ask for. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp outside of AppProvider');
  return app;
}
