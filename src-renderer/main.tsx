import { render } from 'solid-js/web';
import { App } from './app.tsx';
import { AppProvider } from './state/app-context.tsx';
import { createApp } from './state/create-app.ts';
import './styles/tokens.css';
import './styles/base.css';
import { followSystemTheme } from './theme.ts';

followSystemTheme(document.documentElement, window.matchMedia('(prefers-color-scheme: dark)'));

const mount = document.getElementById('app');
if (mount) {
  render(() => {
    const app = createApp(window.lanyard);
    return (
      <AppProvider app={app}>
        <App />
      </AppProvider>
    );
  }, mount);
}
