import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';
import { LanyardError } from '../failures.ts';

export interface SaveRequest {
  /** Of the dialog, where the system shows one. */
  title: string;
  /** Of the file, as it is proposed. */
  name: string;
  filter: { name: string; extensions: string[] };
  content: string | AsyncIterable<string>;
}

/**
 * Asks where something is to be saved, and saves it there, readable for the person alone.
 * @param folder where the question starts
 * @returns false when the person chose no file
 * @throws LanyardError `could_not_export`
 */
export async function saveFile(
  window: BrowserWindow | undefined,
  folder: string,
  { title, name, filter, content }: SaveRequest,
): Promise<boolean> {
  const options = { title, defaultPath: join(folder, name), filters: [filter] };
  const { canceled, filePath } = await (window
    ? dialog.showSaveDialog(window, options)
    : dialog.showSaveDialog(options));
  if (canceled || !filePath) return false;
  try {
    await writeFile(filePath, content, { mode: 0o600 });
    return true;
  } catch (error) {
    throw new LanyardError({
      code: 'could_not_export',
      title: 'The file could not be written.',
      hint: 'Choose another folder, or check that there is space.',
      ...(error instanceof Error && 'code' in error ? { detail: String(error.code) } : {}),
    });
  }
}
