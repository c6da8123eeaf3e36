import { parentPort, workerData } from 'node:worker_threads';
import { armor, Decrypter, Encrypter } from 'age-encryption';
import type { SealAnswer, SealJob } from './passphrase-seal.ts';

/** Seals or opens one armored age file with a passphrase and ends: scrypt keeps a thread busy for a second. */
async function work(job: SealJob): Promise<SealAnswer> {
  if (job.kind === 'seal') {
    const encrypter = new Encrypter();
    encrypter.setPassphrase(job.passphrase);
    encrypter.setScryptWorkFactor(job.workFactor);
    return { kind: 'done', text: armor.encode(await encrypter.encrypt(job.text)) };
  }
  const decrypter = new Decrypter();
  decrypter.addPassphrase(job.passphrase);
  try {
    return { kind: 'done', text: await decrypter.decrypt(armor.decode(job.text), 'text') };
  } catch (error) {
    // Its one way (0.3.1) to say that the passphrase did not open the file.
    const wrong = error instanceof Error && error.message.startsWith('no identity matched');
    return { kind: wrong ? 'wrong-passphrase' : 'broken' };
  }
}

parentPort?.postMessage(await work(workerData as SealJob));
