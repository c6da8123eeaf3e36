export type Shell = 'posix' | 'fish' | 'powershell' | 'dotenv';

/**
 * Variables as lines for a shell to take; null takes one out.
 * @returns with a line break at the end
 */
export function environmentText(variables: Readonly<Record<string, string | null>>, shell: Shell): string {
  const lines = Object.entries(variables).flatMap(([name, value]) => line(name, value, shell) ?? []);
  return `${lines.join('\n')}\n`;
}

function line(name: string, value: string | null, shell: Shell): string | null {
  switch (shell) {
    case 'posix':
      return value === null ? `unset ${name}` : `export ${name}='${value.replaceAll("'", "'\\''")}'`;
    case 'fish':
      return value === null
        ? `set -e ${name}`
        : `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    case 'powershell':
      return value === null
        ? `Remove-Item Env:${name} -ErrorAction SilentlyContinue`
        : // PowerShell takes typographic quotes for plain ones.
          `$Env:${name} = '${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
    case 'dotenv':
      // There is no way to take one out.
      return value === null ? null : `${name}='${value}'`;
  }
}
