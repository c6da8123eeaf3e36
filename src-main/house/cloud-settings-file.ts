import { readFileSync } from 'node:fs';
import type { SettingsFile } from '../cloud/session-settings.ts';
import { openJsonFile } from '../programs/json-file.ts';

/**
 * The person's settings of cloud sessions. A file that is there and cannot be understood is told apart from none: it may
 * hold a cap (C-20).
 * @param path absolute
 */
export function openCloudSettingsFile(path: string): SettingsFile {
  const file = openJsonFile(path);
  return {
    read: () => {
      try {
        return { status: 'ok', value: JSON.parse(readFileSync(path, 'utf8')) };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : null;
        if (code === 'ENOENT') return { status: 'absent' };
        return { status: 'unreadable', reason: code ?? 'it is not JSON' };
      }
    },
    write: (value) => file.write(value),
  };
}
