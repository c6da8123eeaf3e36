import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../manual-clock.fixture.ts';
import { holdsFor } from '../../property.fixture.ts';
import { builtInFlows, type FlowWords } from './flow-words.fixture.ts';
import { mutatedRecordings } from './mutated-recording.fixture.ts';
import { type InterpreterEvent, OutputInterpreter } from './output-interpreter.ts';
import { type PlantedTranscript, plantedTranscripts } from './planted-transcript.fixture.ts';
import { type Chunk, readRecordings } from './replay.fixture.ts';

interface Setting {
  flow: FlowWords['flow'];
  hosts: string[];
  mode: 'pipe' | 'pty';
  columns: number;
  rows: number;
}

/**
 * What was told before the output ended, which must be all: a program that waits says nothing more.
 * @param endsWell false: the output may end in the middle of a sequence, which is read as text only at the end
 */
async function eventsOf(
  { hosts, ...setting }: Setting,
  chunks: Chunk[],
  endsWell = true,
): Promise<InterpreterEvent[]> {
  const events: InterpreterEvent[] = [];
  const clock = new ManualClock();
  const interpreter = new OutputInterpreter({
    ...setting,
    allowedHosts: hosts,
    redact: (line) => line,
    emit: (event) => events.push(event),
    respond: () => {},
    clock,
  });
  await Promise.all(chunks.map(({ bytes, stream }) => interpreter.write(bytes, stream)));
  clock.advance(1_000);
  const told = [...events];
  await interpreter.end();
  const late = events.slice(told.length).filter(({ type }) => type !== 'line');
  if (endsWell) expect(late, 'told only at the end').toEqual([]);
  return events;
}

function ofType<T extends InterpreterEvent['type']>(events: InterpreterEvent[], type: T) {
  return events.filter((event): event is Extract<InterpreterEvent, { type: T }> => event.type === type);
}

/** L-1, with eyes of its own: nothing here is asked of the code under test. */
function expectLinkOfProvider(url: string, hosts: readonly string[]): void {
  const [, scheme, host] = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?(?:[/?#]|$)/.exec(url) ?? [];
  const isListed = hosts.length === 0 || hosts.some((name) => host === name || host?.endsWith(`.${name}`));
  const isLoopback = host === 'localhost' || host === '[::1]' || host?.startsWith('127.');
  expect(isListed && (scheme === 'https' || isLoopback), `${url} is no link of the provider`).toBe(true);
}

/** The codes that a person can be told where to enter: without a page of its own, the flow needs a link for that. */
function codesWithHome({ plants }: PlantedTranscript, { flow }: FlowWords): string[] {
  const found: string[] = [];
  let hasHome = flow.verificationUrl !== undefined;
  let waiting: string | null = null;
  for (const plant of plants) {
    if (plant.kind === 'link') {
      hasHome = true;
      if (waiting !== null) found.push(waiting);
      waiting = null;
    } else if (plant.kind === 'code') {
      if (hasHome) found.push(plant.code);
      else waiting = plant.code;
    }
  }
  return found;
}

const withoutRepeats = (texts: string[]) => texts.filter((text, index) => text !== texts[index - 1]);

const flows = builtInFlows();

describe.each(flows.map((words) => [words.name, words] as const))('%s', (name, words) => {
  const runs = Math.ceil(3_500 / flows.length);

  it('L-1 L-3 L-4 X-3 X-4: what was printed is found, and nothing else', async () => {
    await holdsFor(
      `planted transcripts of ${name}`,
      { seed: 20_260_501, runs },
      plantedTranscripts(words),
      async (transcript) => {
        const { mode, columns, rows, chunks, plants } = transcript;
        const { flow, hosts } = words;
        const events = await eventsOf({ flow, hosts, mode, columns, rows }, chunks);
        const links = ofType(events, 'link').map(({ url }) => url);
        for (const url of links) expectLinkOfProvider(url, hosts);
        // Nothing that was printed has one: it is what is left of a letter that was cut.
        for (const { text } of ofType(events, 'line')) expect(text).not.toContain('\ufffd');
        const planted = plants.flatMap((plant) => (plant.kind === 'link' ? [plant.url] : []));
        // One that comes back after another may be a repaint's.
        const comesBack = new Set(planted).size < withoutRepeats(planted).length;
        if (comesBack) expect(new Set(links)).toEqual(new Set(planted));
        else expect(links).toEqual(withoutRepeats(planted));
        const codes = ofType(events, 'code');
        expect(codes.map(({ code }) => code)).toEqual(withoutRepeats(codesWithHome(transcript, words)));
        for (const { verificationUrl } of codes)
          expect([flow.verificationUrl, ...planted]).toContain(verificationUrl);
        const isSuccess = plants.some(({ kind }) => kind === 'success');
        expect(ofType(events, 'completed').length > 0, 'says that it is done').toBe(isSuccess);
        if (plants.some(({ kind }) => kind === 'prompt'))
          expect(ofType(events, 'prompt').length).toBeGreaterThan(0);
      },
    );
  }, 300_000);
});

const recordings = readRecordings();
const providers = [...new Set(recordings.map(({ name }) => name.split(' ')[0] ?? ''))];

describe.each(providers)('recorded logins of %s', (provider) => {
  const own = recordings.filter(({ name }) => name.startsWith(`${provider} `));
  // Those of terminals of 4,096 columns take much longer, and are 'pty80' but for the width.
  const few = own.filter(({ columns }) => columns <= 1_200);

  it('L-1 L-3 L-4 X-3: changed in any way, they tell of no foreign link and of no success that was denied', async () => {
    await holdsFor(
      `changed recordings of ${provider}`,
      { seed: 20_260_502, runs: 160 },
      mutatedRecordings(few.length > 0 ? few : own),
      async ({ recording, columns, chunks, facts }) => {
        const { flow, allowedHosts: hosts, mode, rows, expected } = recording;
        const events = await eventsOf({ flow, hosts, mode, columns, rows }, chunks, facts.whole);
        const links = ofType(events, 'link').map(({ url }) => url);
        for (const url of links) expectLinkOfProvider(url, hosts);
        for (const { verificationUrl } of ofType(events, 'code'))
          expectLinkOfProvider(verificationUrl, hosts);
        if (facts.foreign) expect(links).toEqual([]);
        if (facts.negated) expect(ofType(events, 'completed')).toEqual([]);
        if (!facts.whole) return;
        for (const url of expected.urls) expect(links).toContain(url);
        const codes = ofType(events, 'code').map(({ code }) => code);
        expect(codes).toEqual(expected.deviceCode === null ? [] : [expected.deviceCode]);
        expect(ofType(events, 'completed').length > 0).toBe(expected.successText !== null);
      },
    );
  }, 300_000);
});
