import { Secret } from './secret.ts';

/** Only where there is a sealed file: most machines never need it. */
const loadAge = () => import('age-encryption');

/**
 * The key that a sealed file's entries are sealed with: an age identity, made once with the file. It spares every
 * change of an entry the second that a passphrase takes, and the passphrase need not stay in memory.
 */
export async function newVaultKey(): Promise<Secret> {
  const { generateX25519Identity } = await loadAge();
  return new Secret(await generateX25519Identity());
}

/** @returns an armored age file */
export async function sealWithKey(key: Secret, text: Secret): Promise<string> {
  const { armor, Encrypter, identityToRecipient } = await loadAge();
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(key.reveal()));
  return armor.encode(await encrypter.encrypt(text.reveal()));
}

/** The text, or `null` when this key does not open it, or it is no age file. */
export async function openWithKey(key: Secret, armored: string): Promise<Secret | null> {
  const { armor, Decrypter } = await loadAge();
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(key.reveal());
    return new Secret(await decrypter.decrypt(armor.decode(armored), 'text'));
  } catch {
    return null;
  }
}
