import { describe, expect, it } from 'vitest';
import {
  byteByByte,
  type Chunk,
  joined,
  lengthOf,
  type Outcome,
  type Recording,
  readRecordings,
  replay,
  splitAt,
} from './replay.fixture.ts';

const recordings = readRecordings();
/** The one whose program repaints its whole screen at 4,096 columns. */
const big = recordings.filter(({ chunks }) => lengthOf(chunks) > 20_000);
const narrow = recordings.filter(({ columns }) => columns <= 1_200);
const wide = recordings.filter(({ columns }) => columns > 1_200);

function textsOf<T extends Outcome['events'][number]['type']>({ events }: Outcome, type: T) {
  return events.filter((event): event is Extract<typeof event, { type: T }> => event.type === type);
}

/** The recordings' ground truth, in the words of events. */
function expectTruth({ expected, name }: Recording, outcome: Outcome): void {
  const links = textsOf(outcome, 'link').map(({ url }) => url);
  // gemini renews its link after a refused code; the ground truth has the first.
  const renewed = name.startsWith('gemini login-bad-code') ? 1 : 0;
  expect(links.slice(0, links.length - renewed)).toEqual(expected.urls);
  expect(textsOf(outcome, 'untrusted-link')).toEqual([]);

  expect(outcome.secrets).toEqual(expected.token === undefined ? [] : [expected.token]);

  const codes = textsOf(outcome, 'code');
  const code = { code: expected.deviceCode, verificationUrl: expected.verificationUrl };
  expect(codes).toHaveLength(expected.deviceCode === null ? 0 : 1);
  if (expected.deviceCode !== null) expect(codes[0]).toMatchObject(code);

  const asksToStore = expected.prompt?.includes('Store token') ?? false;
  const asksForDeployment = name.startsWith('opencode login-github-copilot');
  const replies = asksToStore ? ['y'] : asksForDeployment ? [''] : [];
  expect(textsOf(outcome, 'question')).toEqual(replies.map((reply) => ({ type: 'question', reply })));
  // gh was recorded in a terminal, too, where it waits for Enter; its flow uses a pipe and knows no such prompt.
  const waitsForPaste = expected.prompt !== null && !asksToStore && !name.startsWith('gh ');
  expect(textsOf(outcome, 'prompt').length > 0).toBe(waitsForPaste);
  expect(textsOf(outcome, 'completed')).toHaveLength(expected.successText === null ? 0 : 1);

  const lines = textsOf(outcome, 'line').map(({ text }) => text);
  const transcript = lines.join('\n');
  if (expected.successText !== null) expect(transcript).toContain(expected.successText);
  if (expected.failureText !== null) expect(transcript).toContain(expected.failureText);
  if (expected.retryText !== undefined) {
    expect(textsOf(outcome, 'paste-rejected')).toEqual([
      { type: 'paste-rejected', text: expected.retryText },
    ]);
  }
}

/** How each recording with a failure text ends for a person. Status commands are not sign-ins. */
const failureCodes: [name: string, code: string | null][] = [
  ['auggie login-headless-unreachable', 'provider_unreachable'],
  ['claude login-bad-code', 'code_not_accepted'],
  ['claude status-out', null],
  ['codex login-browser-denied', 'sign_in_denied'],
  ['codex login-device-off', 'device_login_disabled'],
  ['codex login-device-unreachable', 'provider_unreachable'],
  ['codex login-home-missing', 'config_dir_missing'],
  ['codex status-out', null],
  ['copilot login-device (pipe)', 'could_not_save'],
  ['gcloud login-bad-code', 'code_not_accepted'],
  ['gemini login-bad-code', null],
  ['gemini login-paste (pipe)', 'needs_terminal'],
  ['gh login-device-denied', 'sign_in_denied'],
  ['gh status-out', null],
  ['opencode list-out', null],
  ['qwen login-qwen-oauth', 'provider_unreachable'],
  ['qwen status-out', null],
];

describe('recorded logins', () => {
  it('has recordings of every provider whose CLI could be recorded, in every mode', () => {
    const seen = new Set(
      recordings.map(({ name, columns, mode }) => `${name.split(' ')[0]} ${mode} ${columns}`),
    );
    const recorded = [
      ...['auggie', 'aws', 'claude', 'codex', 'copilot', 'gcloud', 'gemini', 'gh', 'opencode', 'qwen'],
    ];
    for (const provider of recorded) {
      for (const mode of ['pipe 1200', 'pty 80', 'pty 4096']) expect(seen).toContain(`${provider} ${mode}`);
    }
  });

  it.each(recordings)('X-3 X-4 L-1 L-3 L-4: $name, chunks as recorded', async (recording) => {
    expectTruth(recording, await replay(recording));
  });

  it.each(recordings)('S-15: $name fails in its own words, or does not fail', async (recording) => {
    const { failure } = await replay(recording);
    const code = failureCodes.find(([name]) => recording.name.startsWith(name))?.[1] ?? null;
    expect(failure).toBe(code);
  });

  it.each(recordings)(
    'X-3: $name, byte by byte, tells the same in the same order',
    async (recording) => {
      expect(await replay(recording, byteByByte(recording.chunks))).toEqual(await replay(recording));
    },
    60_000,
  );

  it.each(narrow)(
    'X-3: $name, cut in two at every byte, tells the same',
    async (recording) => {
      await expectSameAtSplits(recording, joined(recording.chunks), 1);
    },
    60_000,
  );

  // A terminal of 4,096 columns takes ten times as long to set up; byte by byte cuts these everywhere at once.
  it.each(wide)(
    'X-3: $name, cut in two at every 7th byte of the first 2,100, tells the same',
    async (recording) => {
      const start = joined(recording.chunks).map(({ bytes, stream }) => ({
        bytes: bytes.subarray(0, 2_100),
        stream,
      }));
      await expectSameAtSplits(recording, start, 7);
    },
    60_000,
  );

  it.each(big)('X-3: $name, cut in two at every 1,499th byte, tells the same', async (recording) => {
    const chunks = joined(recording.chunks);
    const whole = await replay(recording, chunks);
    for (let at = 1_499; at < lengthOf(chunks); at += 1_499) {
      expect(await replay(recording, splitAt(chunks, at)), `cut at ${at}`).toEqual(whole);
    }
  });

  it('S-13: a screen that is painted three times is in the transcript once', async () => {
    for (const recording of recordings.filter(({ name }) => name.startsWith('gemini login-paste (pty'))) {
      const lines = textsOf(await replay(recording), 'line').map(({ text }) => text);
      const waiting = lines.filter((line) => line.includes('Waiting for authentication'));
      expect(waiting).toHaveLength(1);
      expect(lines.length).toBeLessThan(60);
    }
  });

  it('X-4: the terminal answers what a program asks it, in a PTY only', async () => {
    for (const recording of recordings) {
      const { responses } = await replay(recording);
      // claude setup-token and gemini send ESC [ c, gh asks for the cursor's place.
      const asks = joined(recording.chunks).some(({ bytes }) =>
        ['\x1b[c', '\x1b[6n'].some((query) => Buffer.from(bytes).includes(query)),
      );
      expect(responses.length > 0, recording.name).toBe(asks && recording.mode === 'pty');
    }
  });
});

async function expectSameAtSplits(recording: Recording, chunks: Chunk[], step: number): Promise<void> {
  const whole = await replay(recording, chunks);
  const text = JSON.stringify(whole);
  const together = 32;
  for (let from = 1; from < lengthOf(chunks); from += together * step) {
    const positions = Array.from({ length: together }, (_, index) => from + index * step);
    const outcomes = await Promise.all(positions.map((at) => replay(recording, splitAt(chunks, at))));
    for (const [index, outcome] of outcomes.entries()) {
      if (JSON.stringify(outcome) !== text) expect(outcome, `cut at ${positions[index]}`).toEqual(whole);
    }
  }
}
