import type { ConfigDirDefinition } from './definition.ts';

/** What a definition's seed file holds in a directory: its text, or its value as JSON, with `{dir}` filled in. */
export function seedText(file: ConfigDirDefinition['seed'][number], directory: string): string {
  if (file.text !== undefined) return file.text.replaceAll('{dir}', () => directory);
  const inJson = JSON.stringify(directory).slice(1, -1);
  return JSON.stringify(file.json, null, 2).replaceAll('{dir}', () => inJson);
}
