import type { App } from 'electron';
import type { appCalls } from '../../../src-preload/contract/app.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

export interface AppHandlerParts {
  app: Pick<App, 'getVersion'>;
  clipboard: TextClipboard;
  openTerminal: (bundleId: string) => Promise<void>;
  dataDirectory: string;
  developmentRuntime: boolean;
}

/** The app itself, and what it does on the desktop. */
export function appHandlers(parts: AppHandlerParts): HandlersOf<typeof appCalls> {
  return {
    'clipboard.readText': async () => ({ text: (await parts.clipboard.readText()).slice(0, 16_384) }),
    'launch.openTerminal': ({ bundleId }) => outcome(() => parts.openTerminal(bundleId)),
    'app.info': () => ({
      version: parts.app.getVersion(),
      electron: process.versions.electron ?? '',
      chromium: process.versions.chrome ?? '',
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      dataDirectory: parts.dataDirectory,
      developmentRuntime: parts.developmentRuntime,
    }),
  };
}
