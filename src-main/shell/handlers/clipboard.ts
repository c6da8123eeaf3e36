import type { Clock } from '../../clock.ts';

/** The part of Electron's clipboard that is used. Electron 45 answers with promises where earlier ones did not. */
export interface TextClipboard {
  readText(): string | Promise<string>;
  writeText(text: string): void | Promise<void>;
  clear(): void;
}

/** Puts a secret there and takes it off again after a while, unless something else was copied since. @param afterMs ms */
export async function copyForAWhile(
  clipboard: TextClipboard,
  clock: Clock,
  text: string,
  afterMs: number,
): Promise<void> {
  await clipboard.writeText(text);
  clock.after(afterMs, () => void clearIfStill(clipboard, text));
}

async function clearIfStill(clipboard: TextClipboard, text: string): Promise<void> {
  if ((await clipboard.readText()) === text) clipboard.clear();
}
