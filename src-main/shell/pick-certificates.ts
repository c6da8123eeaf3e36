import { readFile } from 'node:fs/promises';
import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import { LanyardError } from '../failures.ts';

/** No company gives out as much, ms of reading apart. */
const mostBytes = 4 * 1024 * 1024;

/**
 * Shows the system's file dialog in front of the main window and reads what was chosen.
 * @returns null when the dialog was closed
 * @throws LanyardError `not_certificates` when it cannot be read
 */
export async function pickCertificates(windows: { all(): BrowserWindow[] }): Promise<Uint8Array | null> {
  const options: OpenDialogOptions = {
    title: 'Certificates of your company',
    buttonLabel: 'Use this file',
    properties: ['openFile', 'showHiddenFiles', 'dontAddToRecent'],
    filters: [
      { name: 'Certificates', extensions: ['pem', 'crt', 'cer', 'der'] },
      { name: 'All files', extensions: ['*'] },
    ],
  };
  const [window] = windows.all();
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  const [path] = filePaths;
  if (canceled || path === undefined) return null;
  const content = await readFile(path).catch(() => null);
  if (content && content.byteLength <= mostBytes) return content;
  throw new LanyardError({
    code: 'not_certificates',
    title: content ? 'This file is too large to be one of certificates' : 'This file cannot be read',
    hint: 'Choose the PEM file (.pem, .crt, .cer) that your company gives out. Nothing was changed.',
  });
}
