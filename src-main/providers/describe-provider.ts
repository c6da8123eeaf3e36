import type { CredentialPlace, ProofDefinition, ProviderDefinition } from './definition.ts';

/** How a sign-in is proven, for a person to read: one sentence without its full stop. */
export function proofInWords({ proof, program, name }: ProviderDefinition): string {
  const command = (args: string[]) =>
    [program.shownAs ?? program.names[0] ?? name, ...args]
      .join(' ')
      .replace(/^.*[\\/](?=[^\\/ ]+(?: |$))/, '');
  return words(proof, command);
}

function words(proof: ProofDefinition, command: (args: string[]) => string): string {
  switch (proof.kind) {
    case 'none':
      return 'One request with the key, which the provider has to accept';
    case 'credential-file':
      return `Its file ${proof.path} is new since the sign-in began${
        proof.field === undefined ? '' : ` and holds ${proof.field}`
      }`;
    case 'status-command': {
      const also = [
        ...(proof.json ? [`${proof.json.field} is ${String(proof.json.equals)} in its answer`] : []),
        ...(proof.text === undefined ? [] : ['its answer says so']),
      ];
      return [`"${command(proof.args)}" succeeds`, ...also].join(', and ');
    }
  }
}

/** Where the login is kept on a system; null when nobody knows. */
export function placeOn(
  { isolation }: ProviderDefinition,
  platform: NodeJS.Platform,
): CredentialPlace | null {
  if (!isolation) return null;
  if (platform === 'darwin') return isolation.macos;
  return platform === 'win32' ? isolation.windows : isolation.linux;
}
