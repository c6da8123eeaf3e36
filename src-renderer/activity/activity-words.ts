import type {
  ActivityEntry,
  ActivitySubject,
  TrailCheck,
  TrailProblem,
  TrailState,
} from '../../src-preload/contract/activity.ts';

export const subjectNames: Record<ActivitySubject, string> = {
  account: 'Accounts and sign-ins',
  bundle: 'Identities',
  launch: 'Programs',
  session: 'Cloud sessions',
  request: 'Requests from outside',
  link: 'Links into Lanyard',
  token: 'Tokens',
  credential: 'Credentials for other tools',
  vault: 'Where keys are kept',
  provider: 'Providers',
  trail: 'This record',
};

type Words = (entry: { provider: string; value: (name: string) => string }) => string;

/** A kind whose subject cannot be filtered for does not compile. */
const known: Partial<Record<`${ActivitySubject}.${string}`, Words>> = {
  'account.signed_in': ({ provider }) => `Signed in to ${provider}`,
  'account.sign_in_failed': ({ provider }) => `Sign-in to ${provider} failed`,
  'account.sign_in_cancelled': ({ provider }) => `Sign-in to ${provider} cancelled`,
  'account.signed_out': ({ provider }) => `Signed out of ${provider}`,
  'account.adopted': ({ provider }) => `Brought in this machine's login to ${provider}`,
  'account.needs_sign_in': ({ provider }) => `${provider} needs a new sign-in`,
  'account.works_again': ({ provider }) => `${provider} works again`,
  'account.unexpected_person': ({ provider }) => `Somebody else is signed in to ${provider}`,
  'account.person_accepted': ({ provider }) => `Accepted another person for ${provider}`,
  'bundle.created': () => 'Identity created',
  'bundle.deleted': ({ value }) => `Identity ${value('identity')} deleted`.replace('  ', ' '),
  'launch.started': ({ value }) => `Started ${value('program') || 'a program'}`,
  'launch.ended': ({ value }) => `${value('program') || 'A program'} ended`,
  'launch.refused': ({ value }) => `Did not start ${value('program') || 'a program'}`,
  'session.issued': ({ provider }) => `Cloud session opened at ${provider}`,
  'session.reused': ({ provider }) => `Cloud session at ${provider} used again`,
  'session.renewed': ({ provider }) => `Cloud session at ${provider} renewed`,
  'session.refused': ({ provider }) => `Cloud session at ${provider} refused`,
  'session.extended': ({ provider }) => `Cloud session at ${provider} extended`,
  'session.revoked': ({ provider }) => `Cloud session at ${provider} revoked`,
  'session.taken_back': ({ provider }) => `Credentials of a cloud session at ${provider} taken back`,
  'session.ended': ({ provider }) => `Cloud session at ${provider} ended`,
  'credential.issued': ({ value }) =>
    `Credential for ${value('host') || 'another tool'} given to ${value('hook') || 'it'}`,
  'credential.kept': ({ value }) => `Credential for ${value('host')} kept`,
  'credential.deleted': ({ value }) => `Credential for ${value('host')} deleted`,
  'request.allowed': ({ value }) => `Allowed ${value('program') || 'a program'}`,
  'request.denied': ({ value }) => `Denied ${value('program') || 'a program'}`,
  'link.allowed': () => 'A link into Lanyard was allowed',
  'link.denied': () => 'A link into Lanyard was denied',
  'link.refused': () => 'A link into Lanyard was refused',
  'token.refreshed': ({ provider }) => `Token of ${provider} renewed`,
  'token.refused': ({ provider }) => `${provider} no longer accepts its sign-in`,
  'token.copied': ({ provider }) => `Access token of ${provider} copied`,
  'vault.chosen': ({ value }) =>
    `Keys are now kept in ${value('to') === 'keychain' ? "this computer's keychain" : 'the sealed file'}`,
  'vault.unlocked': () => 'Sealed file unlocked',
  'vault.unlock_failed': () => 'Sealed file not unlocked',
  'vault.locked': () => 'Sealed file locked',
  'vault.passphrase_changed': () => 'Passphrase of the sealed file changed',
  'vault.set_aside': () => 'Sealed file set aside',
  'provider.added': ({ provider }) => `Provider ${provider} added`,
  'provider.changed': ({ provider }) => `Provider ${provider} changed`,
  'provider.removed': ({ provider }) => `Provider ${provider} removed`,
  'trail.vouched': ({ value }) => `${range(Number(value('from')), Number(value('to')))} signed afterwards`,
  'trail.repaired': () => 'A line that a crash had cut off was taken away',
  'trail.damaged': () => 'This record was found damaged',
  'trail.new_key': () => 'This record goes on with a new signature',
  'trail.lost': ({ value }) => `${value('count')} entries could not be written`,
};

const titles = new Map(Object.entries(known));

/** What happened, in one line. A kind that is not known here is its own words. */
export function entryTitle(entry: ActivityEntry, providerName: (id: string) => string): string {
  const words = titles.get(entry.kind);
  if (!words) {
    const text = entry.kind.replace(/[._]/g, ' ');
    return text.charAt(0).toUpperCase() + text.slice(1);
  }
  return words({
    provider: entry.providerId === undefined ? 'an account' : providerName(entry.providerId),
    value: (name) => entry.detail.find((each) => each.name === name)?.value ?? '',
  });
}

/** Entries that somebody should look at. */
export function isTrouble({ kind }: Pick<ActivityEntry, 'kind'>): boolean {
  return /failed|refused|denied|damaged|lost|unexpected|needs_sign_in/.test(kind);
}

/** `sign_in_way` is `Sign in way`. */
export function detailName(name: string): string {
  const text = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]/g, ' ')
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a person is told about how the record is written now; `null` while all is well. */
export function stateWords({ signs, fault, unsigned, waiting, writeFault }: TrailState): string | null {
  if (writeFault !== null) {
    return `${count(waiting, 'entry', 'entries')} could not be written yet (${writeFault}). Check that the data directory can be written and has space.`;
  }
  if (!waitsForKeys({ signs, unsigned, writeFault })) return null;
  const why = fault === 'locked' ? 'the sealed file is locked' : 'the place for keys does not answer';
  return `Entries are not signed now, because ${why}. ${count(unsigned, 'entry', 'entries')} will be signed when it is open again, if Lanyard still runs then.`;
}

/** Whether entries wait to be signed until the place for keys is put right, which is done in the settings. */
export function waitsForKeys({
  signs,
  unsigned,
  writeFault,
}: Pick<TrailState, 'signs' | 'unsigned' | 'writeFault'>): boolean {
  return writeFault === null && !signs && unsigned > 0;
}

/** The result of a check: one sentence to read out, and what kind of news it is. */
export function checkWords(check: TrailCheck): { tone: 'ok' | 'warn' | 'bad'; title: string; text: string } {
  const read = count(check.entries, 'entry', 'entries');
  const [first] = check.problems;
  switch (check.verdict) {
    case 'whole':
      return {
        tone: 'ok',
        title: check.entries === 0 ? 'There is nothing to check yet.' : 'The record is whole.',
        text:
          check.entries === 0
            ? ''
            : `${read}: none is missing, none was changed or moved, and each was signed by Lanyard.`,
      };
    case 'unsigned':
      return {
        tone: 'warn',
        title: 'Nobody vouches for some entries.',
        text: `${read}: nothing speaks against them, but ${first ? lower(problemWords(first)) : 'some are not signed'}`,
      };
    case 'not-compared':
      return {
        tone: 'warn',
        title: 'The record could not be compared with the place for keys.',
        text: `${read} read, each continuing the one before. Whether the end is missing, or all were replaced, can be told once ${check.vault === 'locked' ? 'the sealed file is unlocked' : 'the place for keys answers'}.`,
      };
    case 'damaged':
      return {
        tone: 'bad',
        title: 'The record was changed.',
        text: first ? `First bad entry: ${first.seq}. ${problemWords(first)}` : '',
      };
  }
}

/** What is wrong at one place. */
export function problemWords({ kind, seq, to, file, line }: TrailProblem): string {
  const which = range(seq, to ?? seq);
  const where = file === undefined ? '' : ` (${file}, line ${line})`;
  const verb = (one: string, more: string) => (to !== undefined && to > seq ? more : one);
  switch (kind) {
    case 'not-an-entry':
      return `Where entry ${seq} should be stands something else${where}.`;
    case 'edited':
      return `${which} was edited${where}.`;
    case 'replaced':
      return `${which} does not continue what was there before, or is not the one that was written${where}.`;
    case 'missing':
      return `${which} ${verb('is', 'are')} missing${where === '' ? '' : `: noticed at${where.replace(/[()]/g, '')}`}.`;
    case 'moved':
      return `${which} stands in another place than it was written, or twice${where}.`;
    case 'forged':
      return `${which} has a signature that is not Lanyard's${where}.`;
    case 'unsigned':
      return `${which} ${verb('is', 'are')} not signed: written while the keys were locked, or by somebody else${where}.`;
    case 'other-key':
      return `${which} ${verb('is', 'are')} signed with a key that is no longer there${where}.`;
    case 'head-gone':
      return 'The place for keys does not know this record any more: its entry was removed, or keys are kept elsewhere now.';
    case 'found-damaged':
      return `${which}: Lanyard itself found the record cut or changed here when it went on writing${where}.`;
  }
}

function range(from: number, to: number): string {
  return to > from ? `Entries ${from} to ${to}` : `Entry ${from}`;
}

function count(number: number, one: string, more: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : more}`;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
