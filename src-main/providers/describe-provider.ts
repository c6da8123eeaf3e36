import type { CredentialPlace, ProofDefinition, ProviderDefinition } from './definition.ts';
import { accountProvider } from './parameters.ts';

/** How a sign-in is proven, for a person to read: one sentence without its full stop. */
export function proofInWords(definition: ProviderDefinition): string {
  const { proof, program, name } = accountProvider(definition);
  const command = (args: string[]) =>
    [program.shownAs ?? program.names[0] ?? name, ...args]
      .join(' ')
      .replace(/^.*[\\/](?=[^\\/ ]+(?: |$))/, '');
  const own = definition.flows.some(({ by }) => by !== undefined);
  return `${words(proof, command)}${own ? `; without the program, ${ownProofWords}` : ''}`;
}

/** The proof of a sign-in that Lanyard runs itself, at AWS IAM Identity Center. */
export const ownProofWords = 'AWS lists the accounts of the sign-in';

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

function systemOf(platform: NodeJS.Platform): 'linux' | 'macos' | 'windows' {
  if (platform === 'darwin') return 'macos';
  return platform === 'win32' ? 'windows' : 'linux';
}

/** Where the login is kept on a system; null when nobody knows. */
export function placeOn(
  { isolation }: ProviderDefinition,
  platform: NodeJS.Platform,
): CredentialPlace | null {
  return isolation?.[systemOf(platform)] ?? null;
}

/** What a person types on a system to install the program; null when nobody knows. */
export function installCommandOn({ program }: ProviderDefinition, platform: NodeJS.Platform): string | null {
  return program.installCommandOn?.[systemOf(platform)] ?? program.installCommand;
}
