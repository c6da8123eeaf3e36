/** The part of Electron's clipboard that is used. Electron 45 answers with promises where earlier ones did not. */
export interface TextClipboard {
  readText(): string | Promise<string>;
  writeText(text: string): void | Promise<void>;
  clear(): void;
}
