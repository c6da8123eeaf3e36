import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { ProviderDefinition } from '../providers/definition.ts';

/**
 * Shows the system's file dialog in front of the main window.
 * @param current where it opens: the program that is set now
 * @returns the absolute path of the chosen file; null when the dialog was closed
 */
export async function pickProgram(
  windows: { all(): BrowserWindow[] },
  provider: ProviderDefinition,
  current: string | null,
  platform: NodeJS.Platform,
): Promise<string | null> {
  const options: OpenDialogOptions = {
    title: `Where is ${provider.name}?`,
    buttonLabel: 'Use this program',
    // A link is what a package manager puts on the PATH: where it leads to changes with every update.
    properties: ['openFile', 'showHiddenFiles', 'noResolveAliases', 'dontAddToRecent'],
    ...(current === null ? {} : { defaultPath: current }),
    ...(platform === 'win32'
      ? { filters: [{ name: 'Programs', extensions: ['exe', 'cmd', 'bat', 'com'] }] }
      : {}),
  };
  const [window] = windows.all();
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  return canceled ? null : (filePaths[0] ?? null);
}
