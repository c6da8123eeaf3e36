import type { HookGuide, HookTest, ToolId } from '../../../src-preload/contract/command.ts';
import type { Identities, ListedBundle } from '../../identities/identities.ts';

export interface HookAnswer {
  code: number | null;
  out: string;
  err: string;
}

export interface HookGuideParts {
  identities: Pick<Identities, 'bundle'>;
  /** Runs the `lanyard` command to its end, as a tool does; null where there is none. */
  ask: ((args: readonly string[], input: string) => Promise<HookAnswer>) | null;
  showTime: (time: number) => string;
}

interface Tool {
  id: ToolId;
  title: string;
  where: string;
  lines: (as: string) => string;
  word?: string;
  input?: string;
  /** What a good answer says, without what is secret of it. Throws where it is none. */
  words: (out: string, showTime: (time: number) => string) => string;
}

const tools: readonly Tool[] = [
  {
    id: 'aws',
    title: 'AWS CLI and SDKs',
    where: 'In ~/.aws/config, with an open cloud session',
    lines: (as) => `[profile lanyard]\ncredential_process = lanyard credential aws --as ${as}`,
    words: (out, showTime) =>
      `AWS gets credentials until ${showTime(Date.parse(JSON.parse(out).Expiration))}.`,
  },
  {
    id: 'git',
    title: 'git',
    where: 'Once, in a terminal',
    lines: (as) => `git config --global credential.helper 'lanyard --as ${as}'`,
    word: 'get',
    input: 'protocol=https\nhost=github.com\n\n',
    words: (out) => {
      const username = /^username=(.*)$/m.exec(out)?.[1];
      return username === undefined
        ? 'git is answered. Nothing is known of github.com: git asks you once, and Lanyard keeps what you type.'
        : `git gets a token for github.com, as ${username}.`;
    },
  },
  {
    id: 'docker',
    title: 'docker',
    where: 'In ~/.docker/config.json; which identity is said by LANYARD_AS, .lanyard, or is the default one',
    lines: () => '"credsStore": "lanyard"',
    word: 'list',
    words: (out) => {
      const count = Object.keys(JSON.parse(out)).length;
      return `docker is answered: ${count === 1 ? '1 registry is' : `${count} registries are`} kept.`;
    },
  },
  {
    id: 'kubernetes',
    title: 'kubectl',
    where: "In the kubeconfig, as the user's exec",
    lines: (as) =>
      `exec:\n  apiVersion: client.authentication.k8s.io/v1\n  command: lanyard\n  args: [credential, kubernetes, --as, ${as}]\n  interactiveMode: IfAvailable\n  provideClusterInfo: true`,
    words: (out, showTime) =>
      `kubectl gets a token until ${showTime(Date.parse(JSON.parse(out).status.expirationTimestamp))}.`,
  },
  {
    id: 'gcp',
    title: "Google Cloud's libraries",
    where: "In the external account's credential_source, with GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1",
    lines: (as) =>
      `"executable": {"command": ${JSON.stringify(`lanyard credential gcp --as ${as}`)}, "timeout_millis": 30000}`,
    words: (out, showTime) => {
      const answer = JSON.parse(out);
      if (!answer.success) throw new Error(String(answer.message));
      return `Google's libraries get a token until ${showTime(answer.expiration_time * 1000)}.`;
    },
  },
];

/** What Settings say of the tools that can ask Lanyard: what to paste, and whether it works (R-6). */
export class HookGuides {
  readonly #parts: HookGuideParts;

  constructor(parts: HookGuideParts) {
    this.#parts = parts;
  }

  /** @throws LanyardError `unknown_bundle` */
  list(bundleId: string): HookGuide[] {
    const as = typed(this.#parts.identities.bundle(bundleId));
    return tools.map(({ id, title, where, lines }) => ({ id, title, where, lines: lines(as) }));
  }

  /** @throws LanyardError `unknown_bundle` */
  lines(bundleId: string, id: ToolId): string {
    return this.list(bundleId).find((guide) => guide.id === id)?.lines ?? '';
  }

  /**
   * Asks as the tool would; what it gets goes no further than here.
   * @throws LanyardError `unknown_bundle`
   */
  async test(bundleId: string, id: ToolId): Promise<HookTest> {
    const { ask, showTime } = this.#parts;
    const bundle = this.#parts.identities.bundle(bundleId);
    const tool = tools.find((each) => each.id === id);
    if (!tool || !ask) return { works: false, says: 'This copy of Lanyard was built without the command.' };
    const args = ['credential', id, '--as', bundle.id, ...(tool.word ? [tool.word] : [])];
    const { code, out, err } = await ask(args, tool.input ?? '');
    if (code !== 0) return { works: false, says: saidBy(err) };
    try {
      return { works: true, says: tool.words(out, showTime) };
    } catch (error) {
      return { works: false, says: error instanceof SyntaxError ? notUnderstood : (error as Error).message };
    }
  }
}

const notUnderstood = 'The answer is not what the tool expects.';

/** Our own words on the standard error: the title, then the hint. */
function saidBy(err: string): string {
  const said = err
    .trim()
    .replace(/^lanyard: /, '')
    .split('\n')
    .join(' ');
  return said === '' ? 'The lanyard command ended without an answer.' : said;
}

/** A name in a form that all of these files and shells read alike, or the id where it has none. */
function typed({ id, name }: Pick<ListedBundle, 'id' | 'name'>): string {
  if (/^[\p{L}\p{N}._-]+$/u.test(name)) return name;
  return /^[\p{L}\p{N} ._-]+$/u.test(name) ? `"${name}"` : id;
}
