import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../manual-clock.fixture.ts';
import type { FlowDefinition, PatternDefinition } from '../../providers/definition.ts';
import { SeededRandom } from '../../random.fixture.ts';
import { Redactor } from '../../vault/redact.ts';
import { Secret } from '../../vault/secret.ts';
import { type InterpreterEvent, type InterpreterOptions, OutputInterpreter } from './output-interpreter.ts';
import { byteByByte, type Chunk, chunksOf, lengthOf, replay, splitAt } from './replay.fixture.ts';

const link = 'https://auth.acme.test/login?state=abc';

function flowWith(
  patterns: Partial<PatternDefinition>,
  changes: Partial<FlowDefinition> = {},
): FlowDefinition {
  return {
    id: 'browser',
    label: 'Browser',
    kind: 'browser',
    args: [],
    transport: 'pty',
    paste: { kind: 'none' },
    patterns: { failures: [], ...patterns },
    answers: [],
    opens: 'printed',
    renews: false,
    endsBy: 'exit',
    ...changes,
  };
}

const deviceFlow = flowWith({}, { kind: 'device-code' });

interface Setting {
  flow?: FlowDefinition;
  mode?: 'pipe' | 'pty';
  columns?: number;
}

function settingOf({ flow = flowWith({}), mode = 'pty', columns = 120 }: Setting) {
  return { flow, mode, columns, rows: 24, allowedHosts: ['acme.test'], chunks: [] };
}

/** What the text gives, checked to be the same however it is cut. Transcript lines are left out unless asked for. */
async function interpret(
  text: string,
  setting: Setting = {},
  withLines = false,
): Promise<InterpreterEvent[]> {
  const chunks = chunksOf(text);
  const options = settingOf(setting);
  const whole = await replay(options, chunks);
  expect(await replay(options, byteByByte(chunks)), 'byte by byte').toEqual(whole);
  for (let at = 1; at < lengthOf(chunks); at++) {
    const cut = await replay(options, splitAt(chunks, at));
    if (JSON.stringify(cut) !== JSON.stringify(whole)) expect(cut, `cut at ${at}`).toEqual(whole);
  }
  return withLines ? whole.events : whole.events.filter(({ type }) => type !== 'line');
}

const linkEvent = (url = link): InterpreterEvent => ({
  type: 'link',
  url,
  trust: 'listed',
  source: 'printed',
});

describe('links', () => {
  it.each([
    ['plain', `Go to ${link}\r\n`],
    ['coloured', `Go to \x1b[1;94m${link}\x1b[0m\r\n`],
    ['without a newline', `Go to ${link}`],
    ['coloured in pieces', `Go to \x1b[4m${link.slice(0, 20)}\x1b[34m${link.slice(20)}\x1b[0m\r\n`],
    ['in quotes', `Go to "${link}".\r\n`],
    ['drawn in a box', `╭──────╮\r\n│ ${link} │\r\n╰──────╯\r\n`],
    ['placed with the cursor', `\x1b[5;10H${link}\x1b[7;1HWaiting`],
    ['on the alternate screen', `\x1b[?1049h\x1b[2J\x1b[H${link}\x1b[?1049l`],
    ['overwritten at once', `${link}\rDone${' '.repeat(80)}\r\n`],
    ['erased at once', `${link}\x1b[2K\rDone\r\n`],
    ['the text of a hyperlink to itself', `\x1b]8;;${link}\x1b\\${link}\x1b]8;;\x1b\\\r\n`],
    ['only the target of a hyperlink', `Press \x1b]8;id=1;${link}\x07here\x1b]8;;\x07 to sign in\r\n`],
    ['after invalid UTF-8', `\ufffd\u0080${link}\r\n`],
    ['repeated', `${link}\r\n${link}\r\n${link} \r\n`],
  ])('X-4: %s', async (_, text) => {
    expect(await interpret(text)).toEqual([linkEvent()]);
  });

  const long = `https://auth.acme.test/login?state=${'abcdefghij'.repeat(30)}`;

  it.each([80, 81, 120, 335])('X-4: a link that the terminal of %i columns wraps', async (columns) => {
    expect(await interpret(`Go to ${long}\r\nPaste > `, { columns })).toEqual([linkEvent(long)]);
  });

  it.each([80, 67, 335])('X-4: a link that the program itself breaks at %i columns', async (columns) => {
    const pieces = long.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
    const coloured = pieces.map((piece) => `\x1b[38;5;246m${piece}\x1b[39m`).join('\r\r\n');
    expect(await interpret(`Go to\r\n${coloured}\r\n\r\nPaste > `, { columns })).toEqual([linkEvent(long)]);
    expect(await interpret(`Go to\r\n${pieces.join('\r\n')}\r\nPaste here > `, { columns })).toEqual([
      linkEvent(long),
    ]);
  });

  it('X-4: a link that only happens to end where the line ends is not glued to the next word', async () => {
    const events = await interpret(`${link}\r\nPaste the code here\r\n`, { columns: link.length });
    expect(events).toEqual([linkEvent()]);
  });

  it('S-4: a new link is told of, the old one again is not, and no piece of it while the screen is erased', async () => {
    const second = 'https://auth.acme.test/login?state=def';
    const text = `${link}\r\n\x1b[1A\x1b[30G\x1b[K\x1b[1B\r\n${link}\r\n${second}\r\n${second}\r\n`;
    expect(await interpret(text)).toEqual([linkEvent(), linkEvent(second)]);
  });

  it('S-4: a repaint that shows the old and the new link again changes nothing', async () => {
    const second = 'https://auth.acme.test/login?state=def';
    const screen = `old ${link}\r\nnew ${second}\r\n`;
    expect(await interpret(`${screen}\x1b[2A${screen}\x1b[2A${screen}`)).toEqual([
      linkEvent(),
      linkEvent(second),
    ]);
  });

  it('S-4: a screen painted again with a new link under the same words tells of it', async () => {
    const flow = flowWith({ link: 'Open this' });
    const second = 'https://auth.acme.test/login?state=def';
    const paint = (url: string) => `\x1b[2J\x1b[HWelcome\r\nOpen this:\r\none\r\n${url}\r\ntwo\r\nthree\r\n`;
    expect(await interpret(paint(link) + paint(second), { flow })).toEqual([linkEvent(), linkEvent(second)]);
  });

  it('S-4: the first row of a line that was wrapped is no line of its own when the cursor comes back to it', async () => {
    const second = 'https://auth.acme.test/login?state=def';
    const text = `${link} and so on until the end of it\r\n${second}\r\n\x1b[H\x1b[H\r\x1b[JDone\r\n`;
    const columns = link.length + 10;
    expect(await interpret(text, { columns }, true)).toEqual([
      linkEvent(),
      { type: 'line', text: `${link} and so on until the end of it` },
      linkEvent(second),
      { type: 'line', text: second },
      { type: 'line', text: 'Done' },
    ]);
  });

  it.each([
    ['its port', 'https://auth.acme.test:8443/login', 25, [linkEvent('https://auth.acme.test:8443/login')]],
    [
      'a foreign host',
      'https://acme.test.evil.test/login',
      17,
      [{ type: 'untrusted-link', url: 'https://acme.test.evil.test/login' }],
    ],
  ])(
    'L-1: what is left of a link that was erased from within %s on is none',
    async (_, url, columns, events) => {
      const flow = flowWith({ link: 'Open' });
      const text = `Open\r\n${url} now\r\n\x1b[3;2H\r\x1b[J\x1b[2;1H\x1b[B\r\n`;
      expect(await interpret(text, { flow, columns })).toEqual(events);
    },
  );

  it.each([
    ['down', '\x1b[2T\x1b[3d'],
    ['down, line by line', '\x1b[H\x1bM\x1bM\x1b[3d'],
    ['up', '\x1b[1S\x1b[1d'],
  ])('S-4: a link that is scrolled %s is not told of again where it stands then', async (_, scroll) => {
    const second = 'https://auth.acme.test/login?state=def';
    const text = `First\r\n${link}\r\n${second}\r\n${scroll}\x1b[B\x1b[B\x1b[B\r\n`;
    expect(await interpret(text)).toEqual([linkEvent(), linkEvent(second)]);
  });

  const start = 'https://auth.acme.test/login?state=';

  it.each([
    ['its beginning', `${start}abc`, 'one', `${start}abc`, 'two'],
    ['its end', `${start}abc`, 'one', `${start}def`, 'one'],
  ])('S-4: a link that the program breaks is new also where %s was there before', async (_, ...rows) => {
    const [first = '', end = '', other = '', otherEnd = ''] = rows;
    const paint = (row: string, rest: string) => `\x1b[2J\x1b[H${row}\r\n${rest}\r\n- - -\r\n`;
    const columns = first.length;
    const text = paint(first, end) + paint(other, otherEnd) + paint(other, otherEnd);
    expect(await interpret(text, { columns })).toEqual([linkEvent(first + end), linkEvent(other + otherEnd)]);
  });

  it('X-4: a word elsewhere on the screen is no part of a link that fills its row', async () => {
    const columns = link.length;
    const text = `1\r\n2\r\n3\r\n${link}\r\n\x1b[HWaiting\r\n`;
    expect(await interpret(text, { columns })).toEqual([linkEvent()]);
  });

  it('S-4: a hyperlink whose words stay while its target changes is a new link, and both again change nothing', async () => {
    const second = 'https://auth.acme.test/login?state=def';
    const paint = (...targets: string[]) =>
      `\x1b[2J\x1b[H${targets.map((url) => `Press \x1b]8;;${url}\x07here\x1b]8;;\x07\r\n`).join('')}`;
    expect(await interpret(paint(link) + paint(second) + paint(link, second) + paint(link, second))).toEqual([
      linkEvent(),
      linkEvent(second),
    ]);
  });

  it.each(['', '\n'])(
    'X-3: a link that fills its row is told of when the program waits after it and %j',
    async (end) => {
      const clock = new ManualClock();
      const events: InterpreterEvent[] = [];
      const columns = link.length;
      const interpreter = interpreterWith({ clock, columns, emit: (event) => events.push(event) });
      await interpreter.write(new TextEncoder().encode(`${link}${end}`), 'stdout');
      clock.advance(1_000);
      expect(events).toContainEqual(linkEvent());
      await interpreter.end();
      expect(events.filter(({ type }) => type === 'link')).toHaveLength(1);
    },
  );

  it('L-1: a link to somewhere else is a warning, once; a page of help is nothing', async () => {
    const text =
      'Help: https://docs.acme.test/guide\r\nGo to https://evil.test/login\r\nhttps://evil.test/login\r\n';
    expect(await interpret(text)).toEqual([{ type: 'untrusted-link', url: 'https://evil.test/login' }]);
  });

  it('L-1: with a link pattern only the announced link counts', async () => {
    const flow = flowWith({ link: 'Open this' });
    const text = `See https://acme.test/auth/help\r\n\r\n\r\n\r\nOpen this:\r\n\r\n${link}\r\n`;
    expect(await interpret(text, { flow })).toEqual([linkEvent()]);
    const foreign = await interpret('Open this: https://evil.test/\r\n', { flow });
    expect(foreign).toEqual([{ type: 'untrusted-link', url: 'https://evil.test/' }]);
  });

  it('L-2: without a host list a link that reads like a sign-in link is offered', async () => {
    const events: InterpreterEvent[] = [];
    const interpreter = interpreterWith({ allowedHosts: [], emit: (event) => events.push(event) });
    await interpreter.write(new TextEncoder().encode('https://sso.test/oauth\n'), 'stdout');
    await interpreter.end();
    expect(events[0]).toEqual({
      type: 'link',
      url: 'https://sso.test/oauth',
      trust: 'offered',
      source: 'printed',
    });
  });

  it('X-3: a link at the very end is told of after a second in which nothing follows, never in pieces', async () => {
    const clock = new ManualClock();
    const events: InterpreterEvent[] = [];
    const interpreter = interpreterWith({ clock, emit: (event) => events.push(event) });
    const encoder = new TextEncoder();
    await interpreter.write(encoder.encode(`Go to ${link.slice(0, 30)}`), 'stdout');
    clock.advance(999);
    await interpreter.write(encoder.encode(link.slice(30)), 'stdout');
    clock.advance(999);
    expect(events).toEqual([]);
    clock.advance(1);
    expect(events).toEqual([linkEvent()]);
    await interpreter.end();
    expect(events).toEqual([linkEvent(), { type: 'line', text: `Go to ${link}` }]);
    clock.advance(10_000);
    expect(events).toHaveLength(2);
  });

  it('X-3: a link that something follows is told of at once', async () => {
    const events: InterpreterEvent[] = [];
    const interpreter = interpreterWith({ emit: (event) => events.push(event) });
    await interpreter.write(new TextEncoder().encode(`Go to ${link} and`), 'stdout');
    expect(events).toEqual([linkEvent()]);
    await interpreter.end();
  });
});

describe('device codes', () => {
  const code = (changes = {}): InterpreterEvent => ({
    type: 'code',
    code: 'ABCD-1234',
    verificationUrl: link,
    ...changes,
  });

  it.each([
    ['on one line', `Visit ${link} and enter ABCD-1234\r\n`],
    ['on different lines', `Visit ${link}\r\n\r\nCode:\r\n\r\n   ABCD-1234\r\n`],
    ['code first', `Enter ABCD-1234 at ${link}\r\n`],
    ['code lines before', `Your code: ABCD-1234\r\nVisit ${link}\r\n`],
    ['in quotes', `Visit ${link}, code "ABCD-1234".\r\n`],
    ['in brackets', `Visit ${link}, code [ABCD-1234].\r\n`],
    ['coloured', `Visit ${link}\r\n\x1b[1mABCD\x1b[33m-1234\x1b[0m\r\n`],
    ['repeated', `Visit ${link}\r\nABCD-1234\r\nABCD-1234\r\nVisit ${link}, code ABCD-1234\r\n`],
    ['without a newline', `Visit ${link}\r\nABCD-1234`],
  ])('L-3: %s', async (_, text) => {
    expect(await interpret(text, { flow: deviceFlow })).toEqual([linkEvent(), code()]);
  });

  it('L-3: the verification URL defaults to the flow, the lifetime to what the text or the flow says', async () => {
    const verificationUrl = 'https://acme.test/device';
    const flow = flowWith({}, { kind: 'device-code', verificationUrl, codeLifetimeSeconds: 900 });
    expect(await interpret('ABCD-1234\r\n', { flow })).toEqual([
      code({ verificationUrl, lifetimeMs: 900_000 }),
    ]);
    const said = await interpret('Code (expires in 5 minutes)\r\nABCD-1234\r\n', { flow });
    expect(said).toEqual([code({ verificationUrl, lifetimeMs: 300_000 })]);
  });

  it('S-4: a renewed code is told of', async () => {
    const events = await interpret(`${link}\r\nABCD-1234\r\nWXYZ-9876\r\n`, { flow: deviceFlow });
    expect(events).toEqual([linkEvent(), code(), code({ code: 'WXYZ-9876' })]);
  });

  it('S-4: a screen painted again with a new code under the same words tells of it', async () => {
    const flow = flowWith({ codeAnchor: 'Code' }, { kind: 'device-code', verificationUrl: link });
    const paint = (text: string) => `\x1b[2J\x1b[HCode:\r\none\r\n${text}\r\ntwo\r\nthree\r\nfour\r\n`;
    expect(await interpret(paint('ABCD-1234') + paint('WXYZ-9876'), { flow })).toEqual([
      code(),
      code({ code: 'WXYZ-9876' }),
    ]);
  });

  it('L-3: what is left of a code that was erased in part is no new code', async () => {
    const flow = flowWith({ code: 'code: ([A-Z0-9]{4,32})' }, { kind: 'device-code', verificationUrl: link });
    const text = 'Your code: ABCDEFGHIJKL\r\n\x1b[2;1H\x1b[J\x1b[H\r\n';
    expect(await interpret(text, { flow, columns: 18 })).toEqual([code({ code: 'ABCDEFGHIJKL' })]);
  });

  it('L-3: a spinner that turns takes no room between the words and the code', async () => {
    const flow = flowWith({ codeAnchor: 'Code' }, { kind: 'device-code', verificationUrl: link });
    const frames = [...'⠋⠙⠹⠸⠼⠴'].map((frame) => `${frame} Waiting\r\n\x1b[1A`).join('');
    expect(await interpret(`Code:\r\n${frames}\x1b[1BABCD-1234\r\n`, { flow })).toEqual([code()]);
  });

  it('L-3: other flows do not look for codes', async () => {
    expect(await interpret('ABCD-1234\r\n')).toEqual([]);
  });
});

describe('prompts, questions and outcomes', () => {
  it('X-3: a prompt without a newline is seen while the program waits', async () => {
    const events: InterpreterEvent[] = [];
    const flow = flowWith({ prompt: 'Paste code here' });
    const interpreter = interpreterWith({ flow, emit: (event) => events.push(event) });
    await interpreter.write(new TextEncoder().encode('Paste code here > '), 'stdout');
    expect(events).toEqual([{ type: 'prompt' }]);
    await interpreter.end();
  });

  it('X-3: a prompt is told of once for each time it appears', async () => {
    const flow = flowWith({ prompt: 'Code\\?' });
    const drawn = '\x1b[1G\x1b[0JCode? \x1b[7G';
    const text = `${drawn}\x1b[1G\x1b[0JCode? abc\r\nWrong.\r\n${drawn}`;
    expect(await interpret(text, { flow })).toEqual([{ type: 'prompt' }, { type: 'prompt' }]);
  });

  it('X-4: words placed with the cursor have their spaces', async () => {
    const flow = flowWith({ prompt: 'Paste code here' });
    expect(await interpret('\x1b[2GPaste\x1b[8Gcode\x1b[13Ghere\x1b[18G>', { flow })).toEqual([
      { type: 'prompt' },
    ]);
  });

  it('a question is answered once for each time it appears', async () => {
    const flow = flowWith({}, { answers: [{ question: 'Store it\\?', reply: 'y' }] });
    const question = { type: 'question', reply: 'y' };
    expect(await interpret('Store it? (y/N) y\r\r\nOK\r\n', { flow })).toEqual([question]);
    expect(await interpret('Store it? y\r\nStore it? y\r\n', { flow })).toEqual([question, question]);
  });

  it('V-4: a refused paste is told of in the words of the program, without secrets', async () => {
    const redactor = new Redactor();
    redactor.add(new Secret('abc123secret'));
    const events: InterpreterEvent[] = [];
    const flow = flowWith({ rejected: 'Invalid code' });
    const redact = (line: string) => redactor.redact(line);
    const interpreter = interpreterWith({ flow, redact, emit: (event) => events.push(event) });
    await interpreter.write(
      new TextEncoder().encode('Code > abc123secret\nInvalid code: abc123secret\n'),
      'stdout',
    );
    await interpreter.end();
    expect(events).toEqual([
      { type: 'line', text: 'Code > abc123secret' },
      { type: 'paste-rejected', text: 'Invalid code: [redacted]' },
      { type: 'line', text: 'Invalid code: abc123secret' },
    ]);
  });

  it('L-4: the beginning of a line that the cursor was put into is no line of its own', async () => {
    const flow = flowWith({ success: 'Logged in' });
    const text = 'Logged in\x1b7 = false\r\n\x1b8\r\x1b[J\r\n\x1b[1;10H\r\n';
    expect(await interpret(text, { flow })).toEqual([]);
  });

  it('S-6: what was printed over a longer line is read without the rest of that, also where a colour follows', async () => {
    const flow = flowWith({ success: 'Logged in' });
    const text = `${'x'.repeat(40)}\r\nx${'x'.repeat(40)}\rLogged in as a@b.test\r\x1b[31m\r\n`;
    expect(await interpret(text, { flow })).toEqual([
      { type: 'email', email: 'a@b.test' },
      { type: 'completed', by: 'line' },
    ]);
  });

  it('L-4 S-6: a success line gives the email, then the completion, and only when nothing negates it', async () => {
    const flow = flowWith({ success: 'Logged in as' });
    expect(await interpret('Not Logged in as dev@acme.test\r\nAsk x@acme.test\r\n', { flow })).toEqual([]);
    expect(await interpret('Logged in as [dev@acme.test].\r\n', { flow })).toEqual([
      { type: 'email', email: 'dev@acme.test' },
      { type: 'completed', by: 'line' },
    ]);
  });

  it('S-6: the first email wins, and help text has none', async () => {
    const flow = flowWith({ success: 'Logged in' });
    const text =
      'Logged in as <email>\r\nLogged in as you@example.com\r\nLogged in a@b.test\r\nLogged in c@d.test\r\n';
    const emails = (await interpret(text, { flow })).filter(({ type }) => type === 'email');
    expect(emails).toEqual([{ type: 'email', email: 'a@b.test' }]);
  });

  it('S-15: patterns that refer to their own groups keep doing so beside others', async () => {
    const failures = [
      { pattern: '(x)(y)', code: 'first', title: 'First.', hint: 'Try again.' },
      { pattern: '([\'"])denied\\1', code: 'denied', title: 'Denied.', hint: 'Try again.' },
    ];
    const interpreter = interpreterWith({ flow: flowWith({ failures }) });
    await interpreter.write(new TextEncoder().encode('error "denied"\n'), 'stderr');
    await interpreter.end();
    expect(interpreter.failure()?.code).toBe('denied');
  });

  it('S-15: the first line that matches a failure pattern says why, with the line itself redacted', async () => {
    const failures = [
      { pattern: '^Error: denied', code: 'denied', title: 'Denied.', hint: 'Try again.' },
      { pattern: '^Error', code: 'other', title: 'Other.', hint: 'Try again.' },
    ];
    const interpreter = interpreterWith({ flow: flowWith({ failures }), redact: () => '[hidden]' });
    await interpreter.write(new TextEncoder().encode('Starting\nError: de'), 'stderr');
    expect(interpreter.failure()).toBeNull();
    await interpreter.write(new TextEncoder().encode('nied abc\nError: 2\n'), 'stderr');
    await interpreter.end();
    expect(interpreter.failure()).toEqual({
      code: 'denied',
      title: 'Denied.',
      hint: 'Try again.',
      detail: '[hidden]',
    });
  });
});

describe('the transcript', () => {
  const linesOf = async (text: string, setting: Setting = {}) =>
    (await interpret(text, setting, true)).flatMap((event) => (event.type === 'line' ? [event.text] : []));

  it.each([
    ['every line, in order, empty ones and the last', 'a\r\n\r\nb\r\nb\r\nc', ['a', '', 'b', 'b', 'c']],
    ['progress on one line as it ended', '10 %\r50 %\r100 %\r\nDone\r\n', ['100 %', 'Done']],
    ['what a shorter text did not cover', 'abcdef\rXY\r\n', ['XYcdef']],
    ['what was erased', 'abc\x1b[2K\rdef\r\n', ['abc', 'def']],
    ['what a colour at its beginning did not cover', 'abcdef\rXY\r\x1b[31m\r\n', ['XYcdef']],
    ['what a step back covers', '\x1b[5Gab\b\b\x1b[H\r\ncd\b\b\x1b[2;1H\r\n', ['    ab', 'cd']],
    ['tabs as the columns they skip', 'a\tb\r\n', ['a       b']],
    ['no titles, no clipboard', '\x1b]0;title\x07\x1b]52;c;QUJDRA==\x07a\r\n', ['a']],
    [
      'a line that stands there again after a visit to the other screen once',
      'a\r\nb\r\n\x1b[?1049hX\x1b[?1049l\x1b[2Aa\r\nb\r\n',
      ['a', 'b', 'X'],
    ],
    ['letters of every width', '漢字 ünï 🙂\r\n', ['漢字 ünï 🙂']],
    [
      'a spinner once',
      '\x1b[?25l⠋ Waiting\r\n\x1b[1A⠙ Waiting\r\n\x1b[1A⠹ Waiting\r\n\x1b[1A\x1b[2KDone\r\n',
      ['⠋ Waiting', 'Done'],
    ],
  ])('S-13: has %s', async (_, text, lines) => {
    expect(await linesOf(text)).toEqual(lines);
  });

  it('S-13: a screen painted again and again is in it once, and what changed is added', async () => {
    const paint = (status: string) => `\x1b[H\x1b[2JTitle\r\n\r\n${status}\r\nq to quit`;
    const text = `\x1b[?1049h${paint('one')}${paint('one')}${paint('two')}${paint('two')}`;
    expect(await linesOf(text)).toEqual(['Title', '', 'one', 'q to quit', 'two']);
  });

  it('X-1: both streams are in it, each line whole', async () => {
    const encoder = new TextEncoder();
    const chunk = (text: string, stream: Chunk['stream']): Chunk => ({ bytes: encoder.encode(text), stream });
    const chunks = [
      chunk('out 1\nou', 'stdout'),
      chunk('err 1\n', 'stderr'),
      chunk('t 2\n', 'stdout'),
      chunk('err 2', 'stderr'),
    ];
    const { events } = await replay({ ...settingOf({ mode: 'pipe' }), chunks });
    expect(events.map((event) => event.type === 'line' && event.text)).toEqual([
      'out 1',
      'err 1',
      'out 2',
      'err 2',
    ]);
  });
});

describe('whatever a program prints', () => {
  const pieces = [
    'plain text ',
    'https://auth.acme.test/login?a=b',
    'ABCD-1234',
    'Logged in as a@b.test',
    'Code? ',
    '\n',
    '\r\n',
    '\r',
    '\r\r\n',
    '\t',
    '\b',
    '\0',
    '\x07',
    '\x0e',
    '\x1b',
    '\x1b[',
    '\x1b[31m',
    '\x1b[0K',
    '\x1b[2K',
    '\x1b[J',
    '\x1b[2J',
    '\x1b[H',
    '\x1b[3;70H',
    '\x1b[A',
    '\x1b[2B',
    '\x1b[5C',
    '\x1b[9D',
    '\x1b[4G',
    '\x1b[L',
    '\x1b[M',
    '\x1b[3S',
    '\x1b[2T',
    '\x1b[5;10r',
    '\x1b[r',
    '\x1b7',
    '\x1b8',
    '\x1bD',
    '\x1bM',
    '\x1bc',
    '\x1b[?1049h',
    '\x1b[?1049l',
    '\x1b[6n',
    '\x1b[c',
    '\x1b]8;;https://auth.acme.test/x\x07',
    '\x1b]0;',
    '\x1b]0;title\x07',
    '\x1b]2;title\x1b\\',
    '\x1b]52;c;QUJD\x07',
    '\x1b[?25l',
    '\x1b[?2004h',
    '\x1b[>4;1m',
    '\x1b[<u',
    '\x1b[2 q',
    '\x1b=',
    '\x1b(B',
    '\x0f',
    '\x1bP',
    '\x1b\\',
    '漢字',
    '🙂',
    'é',
    '…',
    '\u009b31m',
    'x'.repeat(90),
    ' '.repeat(30),
  ];
  const setting = {
    ...settingOf({
      flow: flowWith({ prompt: 'Code\\?', success: 'Logged in' }, { kind: 'device-code' }),
      columns: 80,
    }),
    rows: 12,
  };
  const encoder = new TextEncoder();

  it.each(['pty', 'pipe'] as const)(
    'X-3: in a %s it tells the same at any cut (seed 20260403)',
    async (mode) => {
      const random = new SeededRandom(20260403);
      for (let run = 0; run < 300; run++) {
        const text = Array.from({ length: 1 + random.below(25) }, () => random.pick(pieces)).join('');
        const chunks = [{ bytes: encoder.encode(text), stream: 'stdout' as const }];
        const whole = await replay({ ...setting, mode }, chunks);
        // Answers to queries depend on nothing but the text, either.
        const cuts = Array.from({ length: 4 }, () => splitAt(chunks, 1 + random.below(lengthOf(chunks))));
        for (const cut of cuts) {
          expect(
            lastingEvents(await replay({ ...setting, mode }, cut)),
            `run ${run}: ${JSON.stringify(text)}`,
          ).toEqual(lastingEvents(whole));
        }
      }
    },
    60_000,
  );

  it.each(['pty', 'pipe'] as const)(
    'X-4: plain text in a %s, read without a terminal, tells what a terminal tells (seed 20260405)',
    async (mode) => {
      const random = new SeededRandom(20260405);
      const moves = /[\b\t\x0e\x9b]|\x1b(?:$|[DM78Pc\\]|\[(?:$|[\d;]*[A-HJ-TcKnr]|\?1049)|\](?:8|0;$))/;
      const plain = pieces.filter((piece) => !moves.test(piece));
      expect(plain).toEqual(
        expect.arrayContaining(['\x1b[31m', '\x1b[?25l', '\x1b]0;title\x07', '\0', '\x07']),
      );
      // Goes where the cursor is, but is no text.
      const nowhere = '\x1b[G';
      for (let run = 0; run < 400; run++) {
        const parts = Array.from({ length: 1 + random.below(40) }, () => random.pick(plain));
        const text = parts.join('').replaceAll('\n', mode === 'pty' ? '\r\n' : '\n');
        const short = await replay({ ...setting, mode }, chunksOf(text));
        const terminal = await replay({ ...setting, mode }, chunksOf(nowhere + text));
        expect(short, `run ${run}: ${JSON.stringify(text)}`).toEqual(terminal);
      }
    },
    60_000,
  );

  it.each(['pty', 'pipe'] as const)(
    'X-4: rows of a wide %s, read up to where their text can end, tell what whole rows tell (seed 20260406)',
    async (mode) => {
      const random = new SeededRandom(20260406);
      const moves = [
        '\x1b[s',
        '\x1b[u',
        '\x1b[20C',
        '\x1b[40G',
        '\x1b[2;60H',
        '\x1b[1K',
        '\x1b[3X',
        '\x1b[2P',
      ];
      const some = [...pieces, ...moves, ...moves, 'a', ' b ', 'word'].filter(
        (piece) => !/[\t\u009b]/.test(piece),
      );
      // Behind a tab there may be gaps everywhere, so every row is read whole.
      const whole = '\t\r';
      for (let run = 0; run < 400; run++) {
        const text = Array.from({ length: 1 + random.below(60) }, () => random.pick(some)).join('');
        const short = await replay({ ...setting, columns: 700, mode }, chunksOf(`\x1b[G${text}`));
        const long = await replay({ ...setting, columns: 700, mode }, chunksOf(whole + text));
        expect(short, `run ${run}: ${JSON.stringify(text)}`).toEqual(long);
      }
    },
    60_000,
  );

  it('X-3: it never throws on any bytes, and still finds the link after them (seed 20260404)', async () => {
    const random = new SeededRandom(20260404);
    for (let run = 0; run < 200; run++) {
      const noise = Uint8Array.from({ length: 1 + random.below(400) }, () => random.below(256));
      const tail = encoder.encode(`\x18\x1b\\\x1bc\r\nGo to ${link}\r\n`);
      const bytes = Uint8Array.from([...noise, ...tail]);
      const { events } = await replay(setting, [{ bytes, stream: 'stdout' }]);
      expect(events, `run ${run}`).toContainEqual(linkEvent());
    }
  }, 60_000);

  it('S-13: an endless line is told of up to a bound', async () => {
    const lines: string[] = [];
    const interpreter = interpreterWith({ emit: (event) => event.type === 'line' && lines.push(event.text) });
    await interpreter.write(encoder.encode(`${'x'.repeat(100_000)}\nnext\n`), 'stdout');
    await interpreter.end();
    expect(lines[0]?.length).toBeLessThan(13_000);
    expect(lines[1]).toBe('next');
  });

  it('S-13: 40 MB of lines, and a line of 40 MB, leave nothing behind in memory', async () => {
    let lines = 0;
    const interpreter = interpreterWith({ emit: ({ type }) => type === 'line' && lines++ });
    const chunk = encoder.encode('line of output that goes on and on\r\n'.repeat(1_800));
    const long = encoder.encode('x'.repeat(65_536));
    await interpreter.write(chunk, 'stdout');
    const before = process.memoryUsage();
    for (let written = 0; written < 40_000_000; written += chunk.length)
      await interpreter.write(chunk, 'stdout');
    for (let written = 0; written < 40_000_000; written += long.length)
      await interpreter.write(long, 'stdout');
    const after = process.memoryUsage();
    await interpreter.end();
    expect(lines).toBeGreaterThan(1_000_000);
    const grown =
      after.heapUsed +
      after.external +
      after.arrayBuffers -
      before.heapUsed -
      before.external -
      before.arrayBuffers;
    expect(grown).toBeLessThan(120_000_000);
  }, 60_000);
});

/** All but prompts: one that is drawn and erased between two cuts may be told of or not. */
function lastingEvents({ events, responses }: Awaited<ReturnType<typeof replay>>) {
  return { events: events.filter(({ type }) => type !== 'prompt'), responses };
}

function interpreterWith(options: Partial<InterpreterOptions>): OutputInterpreter {
  return new OutputInterpreter({
    flow: flowWith({}),
    allowedHosts: ['acme.test'],
    mode: 'pipe',
    columns: 1_200,
    rows: 60,
    redact: (line) => line,
    emit: () => {},
    respond: () => {},
    ...options,
  });
}
