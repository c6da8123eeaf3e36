import * as fc from 'fast-check';
import type { FlowWords } from './flow-words.fixture.ts';
import { foreignLinks } from './foreign-links.fixture.ts';
import { type Chunk, cutAt, type Stream } from './replay.fixture.ts';

/** What was put into a transcript, in the order in which it was printed. */
export type Plant =
  | { kind: 'link'; url: string }
  | { kind: 'code'; code: string }
  | { kind: 'success' }
  | { kind: 'prompt' };

/** Output of a program that was made up, with what a reader must find in it; all else in it must not be found. */
export interface PlantedTranscript {
  mode: 'pipe' | 'pty';
  columns: number;
  rows: number;
  chunks: Chunk[];
  plants: Plant[];
  /** How a failed check names it. */
  [fc.toStringMethod]: () => string;
}

interface Line {
  text: string;
  /** It is broken at the last column by the program itself, as Ink does; the line after it is empty. */
  breaks?: boolean;
}

interface Block {
  lines: Line[];
  plants: Plant[];
  /** How it comes onto the screen. */
  way: Way;
  spices: { place: number; spice: string }[];
}

type Way = 'printed' | 'repainted' | 'after progress' | 'on a clean screen' | 'moved' | 'placed';

const noiseLines = [
  '',
  ' ',
  'Loading configuration…',
  '10 % ████▏      ',
  'Waiting for authorization...',
  '⠋ Working',
  '┌────────────────────┐',
  '漢字かな 🙂 ünïcödé',
  'warning: npm is out of date (11.2.0 < 11.4.1)',
  'Opening the browser, please wait.',
  "{'a': [1, 2, {'b': null}]}",
  '--- 2026-01-01T00:00:00Z pid=4711 level=info ---',
  'x'.repeat(300),
  '=>'.repeat(70),
  'Type your message or @path/to/file',
  '❯ 1. First   2. Second   3. Third',
];
const hugeLines = ['y'.repeat(40_000), ')'.repeat(20_000), 'not '.repeat(9_000), '://@'.repeat(5_000)];

/** Change nothing that can be read, wherever they stand. */
const spices = [
  '\x1b[0m',
  '\x1b[1;94m',
  '\x1b[38;5;246m',
  '\x1b[38;2;1;2;3m',
  '\x1b[4:3m',
  '\x1b[39;49m',
  '\x1b[K',
  '\x1b[0J',
  '\x07',
  '\0',
  '\x1b]0;https://evil.test/login\x07',
  '\x1b]2;Logged in\x1b\\',
  '\x1b]52;c;QUJDRA==\x07',
  '\x1b]133;A\x07',
  '\x1b]8;;\x1b\\',
  '\x1bP1$r0m\x1b\\',
  '\x1b_Gi=1;AAAA\x1b\\',
  '\x1b[?25l',
  '\x1b[?2004h',
  '\x1b[?1004h',
  '\x1b[>4;?m',
  '\x1b[?u',
  '\x1b[c',
  '\x1b[6n',
  '\x1b]11;?\x1b\\',
  '\x1b(B',
  '\x1b=',
  '\x1b7',
  '\x1b[2 q',
];

/** Where the cursor may wander between blocks; what it leaves behind is erased before the next one begins. */
const wanderings = [
  '\x1b[H',
  '\x1b[3;7H',
  '\x1b[A',
  '\x1b[2A',
  '\x1b[3A',
  '\x1b[4A',
  '\x1b[5A',
  '\x1b[2B\x1b[3C',
  '\x1b[9D',
  '\x1bM',
  '\x1b[2T',
  '\x1b[S',
  '\x1b8',
];

const noiseLine = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...noiseLines) },
  { weight: 1, arbitrary: fc.constantFrom(...hugeLines) },
);
const shortNoise = fc.constantFrom(...noiseLines);
const spiced = fc.array(fc.record({ place: fc.nat(999), spice: fc.constantFrom(...spices) }), {
  maxLength: 4,
});
const ways = fc.constantFrom<Way>(
  'printed',
  'printed',
  'printed',
  'repainted',
  'after progress',
  'on a clean screen',
  'moved',
  'moved',
  'moved',
  'placed',
);

/** Around a link: none of them belongs to it. */
const linkWrappings: ((url: string) => string)[] = [
  (url) => url,
  (url) => url,
  (url) => `   ${url}   `,
  (url) => `"${url}".`,
  (url) => `'${url}',`,
  (url) => `<${url}>`,
  (url) => `(${url})`,
  (url) => `[here](${url})`,
  (url) => `**${url}**`,
  (url) => `\`${url}\``,
  (url) => `│ ${url} │`,
  (url) => `${url} ...`,
  (url) => `🙂 ${url}!`,
  (url) => `\x1b]8;id=1;${url}\x1b\\${url}\x1b]8;;\x1b\\`,
  (url) => `Press \x1b]8;;${url}\x07here\x1b]8;;\x07 to go on`,
];

/** Around a code. */
const codeWrappings: ((code: string) => string)[] = [
  (code) => code,
  (code) => code,
  (code) => `"${code}".`,
  (code) => `'${code}'`,
  (code) => `[${code}]`,
  (code) => `(${code}).`,
  (code) => `\`${code}\``,
  (code) => `<${code}>`,
  (code) => `“${code}”`,
  (code) => `**${code}**`,
  (code) => `${code}, once more: ${code}`,
  (code) => `${code} │`,
  (code) => `\x1b[1m${code.slice(0, 3)}\x1b[33m${code.slice(3)}\x1b[0m`,
];

/** Sentences that take success words back (L-4). */
const negations: ((words: string) => string)[] = [
  (words) => `Not ${words}`,
  (words) => `You are not ${words}`,
  (words) => `You are NOT currently ${words}.`,
  (words) => `It is not true that ${words}`,
  (words) => `Error: not ${words}`,
  (words) => `✗ Could not confirm: ${words}`,
  (words) => `isn't ${words}`,
  (words) => `You haven’t been ${words}`,
  (words) => `n't ${words}`,
  (words) => `never ${words}`,
  (words) => `no longer ${words}`,
  (words) => `cannot be ${words}`,
  (words) => `unable to get ${words}`,
  (words) => `failed to become ${words}`,
  (words) => `without being ${words}`,
  (words) => `neither ${words} nor known`,
  (words) => `If you are ${words}, log out first`,
  (words) => `Wait until you are ${words}`,
  (words) => `You must be ${words}`,
  (words) => `Please make sure that you are ${words}`,
  (words) => `Access denied: ${words}`,
  (words) => `${words}: no`,
  (words) => `${words}= false`,
  (words) => `${words} failed`,
  (words) => `${words}? no`,
  (words) => `${words}, but the token was not saved`,
  (words) => `${words}: error 401`,
  (words) => `${words} - token expired`,
];
/** The same after words that end in a colon. */
const emptyValues: ((words: string) => string)[] = [
  (words) => `${words}none`,
  (words) => `${words} null`,
  (words) => `${words} "none"`,
  (words) => `${words} false,`,
  (words) => `${words} (none)`,
];

/** What stands in a success line besides the words. */
const successTails = ['', '', '.', '!', ' dev', ' dev@acme.test', ' /home/dev/x.json', ' (in 3 s)', ' ✓'];

/** Transcripts of a flow: its own words around links and codes, and whatever programs print besides. */
export function plantedTranscripts(words: FlowWords): fc.Arbitrary<PlantedTranscript> {
  const kinds: fc.Arbitrary<Block>[] = [noise(), foreign(words), negated(words), success(words)];
  if (words.takesPrintedLinks) kinds.push(link(words), link(words), twoLinks(words));
  if (words.code) kinds.push(code(words, words.code), code(words, words.code));
  if (words.announcement) kinds.push(helpPage(words));
  return fc
    .record({
      mode: fc.constantFrom('pipe' as const, 'pty' as const),
      columns: fc.constantFrom(80, 60, 81, 97, 120, 80, 250, 1_200),
      rows: fc.constantFrom(24, 50),
      newline: fc.constantFrom('\n', '\r\n', '\r\r\n'),
      stream: fc.constantFrom<Stream>('stdout', 'stderr'),
      alternate: fc.constantFrom(false, false, false, true),
      blocks: fc.array(fc.oneof(...kinds), { maxLength: 7 }),
      last: lastBlock(words),
      wanderings: fc.array(fc.constantFrom(...wanderings), { maxLength: 2 }),
      cuts: fc.array(fc.nat(9_999), { maxLength: 8 }),
      between: fc.array(
        fc.record({
          at: fc.nat(8),
          text: fc.oneof(foreignLinks(words.hosts), negatedText(words), noiseLine),
        }),
        { maxLength: 2 },
      ),
    })
    .map(({ mode, newline, stream, blocks, last, cuts, between, ...rest }) => {
      const { columns, rows, alternate } = rest;
      const printer = new Printer(columns, rows, mode === 'pipe' ? newline : newline.replace(/^\n/, '\r\n'));
      if (alternate) printer.say('\x1b[?1049h');
      for (const block of blocks) printer.print(block, rest.wanderings.join(''));
      printer.printLast(last);
      const { text } = printer;
      const bytes = new TextEncoder().encode(text);
      const chunks = cutAt(
        bytes,
        cuts.map((cut) => Math.floor((cut / 10_000) * bytes.length)),
      ).map((piece): Chunk => ({ bytes: piece, stream }));
      if (mode === 'pipe') {
        const other = stream === 'stdout' ? 'stderr' : 'stdout';
        for (const { at, text: line } of between)
          chunks.splice(Math.min(at, chunks.length), 0, {
            bytes: new TextEncoder().encode(`${line}\n`),
            stream: other,
          });
      }
      const plants = [...blocks, last].flatMap((block) => block.plants);
      const besides = mode === 'pipe' ? between.map((line) => line.text) : [];
      const shown = `${mode} of ${columns}: ${JSON.stringify(text)} beside ${JSON.stringify(besides)} with ${JSON.stringify(plants)}`;
      return { mode, columns, rows, chunks, plants, [fc.toStringMethod]: () => shown };
    });
}

const blockOf = (lines: fc.Arbitrary<Line[]>, plants: Plant[] = []): fc.Arbitrary<Block> =>
  fc.record({ lines, plants: fc.constant(plants), way: ways, spices: spiced });

const plain = (text: string): Line => ({ text });

function noise(): fc.Arbitrary<Block> {
  return blockOf(fc.array(noiseLine.map(plain), { minLength: 1, maxLength: 4 }));
}

/** A link that leads elsewhere, announced as the right one would be. */
function foreign({ hosts, announcement }: FlowWords): fc.Arbitrary<Block> {
  const lines = fc
    .tuple(
      announcement ?? fc.constant('Open'),
      foreignLinks(hosts),
      fc.constantFrom(...linkWrappings),
      fc.boolean(),
    )
    .map(([words, url, wrap, isBelow]) =>
      isBelow ? [plain(words), plain(wrap(url))] : [plain(`${words} ${wrap(url)}`)],
    );
  return blockOf(lines);
}

function negatedText({ success: texts }: FlowWords): fc.Arbitrary<string> {
  return fc
    .tuple(texts, fc.constantFrom(...negations), fc.constantFrom(...emptyValues), fc.boolean())
    .map(([words, negate, empty, isEmpty]) =>
      isEmpty && /[:=]\s*$/.test(words) ? empty(words) : negate(words),
    );
}

function negated(words: FlowWords): fc.Arbitrary<Block> {
  return blockOf(negatedText(words).map((text) => [plain(text)]));
}

function success({ flow, success: texts }: FlowWords): fc.Arbitrary<Block> {
  const isFree = !flow.patterns.success?.startsWith('^');
  return fc
    .tuple(texts, fc.constantFrom(...successTails), fc.constantFrom('', '✓ ', '> ', '│ ', 'No browser? '))
    .chain(([words, tail, head]) =>
      blockOf(
        fc.constant([
          plain(`${isFree ? head : ''}${words}${words.endsWith(' ') ? `${tail} dev`.trim() : tail}`),
        ]),
        [{ kind: 'success' }],
      ),
    );
}

/** A page of the provider's own that nothing announces. */
function helpPage({ hosts }: FlowWords): fc.Arbitrary<Block> {
  const host = fc.constantFrom(...(hosts.length > 0 ? hosts : ['acme.test']));
  return blockOf(
    fc
      .tuple(host, fc.constantFrom('- - -', 'a few words'))
      .map(([name, above]) =>
        [
          `${above} one`,
          `${above} two`,
          `${above} three`,
          `${above} four`,
          `Help: https://${name}/docs/login`,
        ].map(plain),
      ),
  );
}

function linkUrl({ hosts }: FlowWords): fc.Arbitrary<string> {
  const loopback = hosts.find((host) => /^\d/.test(host));
  const names = hosts.length > 0 ? hosts : ['acme.test', 'sso.example.org'];
  const origin = loopback
    ? fc.constant(`http://${loopback}:4000`)
    : fc
        .tuple(
          fc.constantFrom(...names),
          fc.constantFrom('', '', 'eu.', 'a-b.c.'),
          fc.constantFrom('', '', ':8443'),
        )
        .map(([host, sub, port]) => `https://${sub}${host}${port}`);
  const path = fc.constantFrom('/oauth/authorize', '/o/oauth2/v2/auth', '/auth', '/a/b/signin');
  const value = (max: number) =>
    fc.stringMatching(new RegExp(`^[A-Za-y0-9_-]{1,${max}}$`)).map((text) => `${text}z`);
  // No one of them is the beginning of another: that is how a torn link looks.
  const rest = fc.oneof(
    fc.constant('/login/device'),
    fc.tuple(path, value(20)).map(([at, state]) => `${at}?state=${state}`),
    fc
      .tuple(path, value(400), value(40))
      .map(
        ([at, scope, state]) =>
          `${at}?redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fcb&scope=${scope}+a%20b&state=${state}`,
      ),
    fc.tuple(path, value(9)).map(([at, name]) => `${at}/#/device?user_code=${name}`),
    // A code that is not to be typed.
    fc.tuple(path, value(9)).map(([at, state]) => `${at}?user_code=WDJB-MJHT&state=${state}`),
  );
  return fc.tuple(origin, rest).map((parts) => parts.join(''));
}

function link(words: FlowWords): fc.Arbitrary<Block> {
  const announce = words.announcement ?? fc.constantFrom('Open', 'Go to', 'Visit:');
  return fc
    .tuple(
      linkUrl(words),
      announce,
      fc.constantFrom(...linkWrappings),
      fc.nat(6),
      shortNoise,
      fc.constantFrom('', 'Now ', '│ ', '1. '),
    )
    .chain(([url, words, wrap, layout, between, head]) => {
      const shown = plain(wrap(url));
      const above = `${head}${words}${words.endsWith(' ') ? 'this page' : ''}`;
      const layouts: Line[][] = [
        [plain(`${head}${words} ${wrap(url)}`)],
        [plain(`${head}${words} ${wrap(url)} and so on`)],
        [plain(above), shown],
        [plain(above), plain(''), shown, plain('')],
        [plain(above), plain(between), shown],
        [plain(above), plain(between), plain(''), plain('one moment'), shown],
        [plain(above), { text: url, breaks: true }, plain(''), plain('- - -')],
      ];
      return blockOf(fc.constant(layouts[layout] ?? []), [{ kind: 'link', url }]);
    });
}

/** An old link and a new one on one screen. */
function twoLinks(words: FlowWords): fc.Arbitrary<Block> {
  const announce = words.announcement ?? fc.constant('Open');
  return fc.tuple(linkUrl(words), linkUrl(words), announce).chain(([old, renewed, text]) =>
    blockOf(fc.constant([plain(`${text} ${old}`), plain(`${text} ${renewed}`)]), [
      { kind: 'link', url: old },
      { kind: 'link', url: renewed },
    ]),
  );
}

function code(
  { anchor }: FlowWords,
  codes: fc.Arbitrary<{ before: string; code: string }>,
): fc.Arbitrary<Block> {
  return fc
    .tuple(
      codes,
      anchor ?? fc.constant('Then enter this code'),
      fc.constantFrom(...codeWrappings),
      fc.nat(5),
      shortNoise,
      fc.constantFrom('', '2. ', '│ ', '● '),
    )
    .chain(([{ before, code: value }, words, wrap, layout, between, head]) => {
      const shown = wrap(value);
      const layouts =
        before === ''
          ? [
              [`${head}${words} ${shown}`],
              [`${head}${words}: ${shown} and go on`],
              [`${head}${words}`, shown],
              [`${head}${words}`, '', `   ${shown}`, ''],
              [`${head}${words}`, between, shown],
              [`${head}${words} (expires in 15 minutes)`, between, '', 'one moment', `  ${shown}`],
            ]
          : [
              [`${head}${before}${shown}`],
              [`${head}${before}${shown} to go on.`],
              [`${head}${before}`, shown.split(',')[0] ?? ''],
              [`${head}${before}`, '', `   ${shown.split(',')[0] ?? ''}`],
              [`To go on, ${before}${shown}`],
              [`${head}${before}${shown}`, between],
            ];
      return blockOf(fc.constant((layouts[layout] ?? []).map(plain)), [{ kind: 'code', code: value }]);
    });
}

/** What has no end yet when the program begins to wait. */
function lastBlock(words: FlowWords): fc.Arbitrary<Block> {
  const none = blockOf(fc.constant([plain('')]));
  const kinds = [none, none];
  if (words.takesPrintedLinks) kinds.push(link(words));
  if (words.code) kinds.push(code(words, words.code));
  if (words.prompt)
    kinds.push(
      words.prompt.chain((text) => blockOf(fc.constant([plain(text)]), [{ kind: 'prompt' }])),
      words.prompt.chain((text) => blockOf(fc.constant([plain(`${text} `)]), [{ kind: 'prompt' }])),
    );
  return fc.oneof(...kinds);
}

/** Puts blocks into the stream of a program. */
class Printer {
  readonly #columns: number;
  readonly #rows: number;
  readonly #newline: string;
  text = '';

  constructor(columns: number, rows: number, newline: string) {
    this.#columns = columns;
    this.#rows = rows;
    this.#newline = newline;
  }

  say(text: string): void {
    this.text += text;
  }

  print(block: Block, wandering: string): void {
    const lines = this.#rowsOf(block);
    const whole = lines.map((line) => line + this.#newline).join('');
    const height = lines.reduce((sum, line) => sum + this.#heightOf(line), 0);
    const fits = height < this.#rows;
    switch (block.way) {
      case 'repainted':
        if (fits) {
          this.say(`${whole}\x1b[${height}A\r\x1b[J${whole}\x1b[${height}A\r\x1b[J${whole}`);
          return;
        }
        break;
      case 'after progress':
        this.say('10 %\r50 %\r99 %\r\x1b[2K');
        break;
      case 'on a clean screen':
        this.say('\x1b[2J\x1b[H');
        break;
      case 'moved':
        this.say(`${wandering}\r\x1b[J`);
        break;
      case 'placed':
        if (fits) {
          this.#place(lines);
          return;
        }
        break;
      case 'printed':
    }
    this.say(whole);
  }

  /** Without the end of its last line. */
  printLast(block: Block): void {
    this.say(this.#rowsOf(block).join(this.#newline));
  }

  /** Each row at its place, the words of a line at theirs where it is short enough. */
  #place(lines: string[]): void {
    this.say('\x1b[H\x1b[2J');
    let row = 1;
    for (const line of lines) {
      const isShort = line.length < this.#columns && /^[ -~]*$/.test(line) && !line.includes('  ');
      const drawn = isShort ? line.trimEnd().replaceAll(' ', '\x1b[C') : line;
      this.say(`\x1b[${row};1H${drawn}`);
      row += this.#heightOf(line);
    }
    this.say(this.#newline);
  }

  /** The lines with their spices in them, broken where they break themselves. */
  #rowsOf({ lines, spices: all }: Block): string[] {
    return lines.flatMap(({ text, breaks }, index) => {
      if (breaks) return text.match(new RegExp(`.{1,${this.#columns}}`, 'g')) ?? [];
      const own = all.filter((_, at) => at % lines.length === index);
      const spicedText = own.reduce((line, { place, spice }) => spicedAt(line, place, spice), text);
      return [this.#fillsItsRow(text) ? `${spicedText} .` : spicedText];
    });
  }

  /** A link at the end of such a line may go on in the next one, as far as anybody can tell. */
  #fillsItsRow(text: string): boolean {
    const { length } = text.replace(sequences, '');
    return text.includes('://') && length > 0 && length % this.#columns === 0;
  }

  #heightOf(line: string): number {
    // Wide letters may take a column more where a row ends; a height that is too large would move too far.
    const plain = line.replace(sequences, '');
    if (!/^[\x20-\x7e]*$/.test(plain)) return plain.length * 2 < this.#columns ? 1 : Number.POSITIVE_INFINITY;
    return Math.max(1, Math.ceil(plain.length / this.#columns));
  }
}

const sequences = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)|\(.|[=78M])|[\0\x07]/g;

/** Into the text, but not into a sequence or a character that is there already. */
function spicedAt(line: string, place: number, spice: string): string {
  const at = Math.floor((place / 1_000) * (line.length + 1));
  for (const { index, 0: found } of line.matchAll(sequences)) {
    if (at > index && at < index + found.length) return line;
  }
  if (/[\udc00-\udfff]/.test(line[at] ?? '')) return line;
  return line.slice(0, at) + spice + line.slice(at);
}
