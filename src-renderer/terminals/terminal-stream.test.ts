import { describe, expect, it } from 'vitest';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { TerminalStream } from './terminal-stream.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A main process that the test speaks for, and a screen that it looks at. */
function scene() {
  let tell: (output: { tabId: string; from: number; bytes: Uint8Array<ArrayBuffer> }) => void = () => {};
  const answers: ((value: unknown) => void)[] = [];
  const reads: number[] = [];
  const written: string[] = [];
  let attached = true;
  let screen = '';
  const shown: (() => void)[] = [];
  const ok = (value: unknown) => ({ ok: true, value });
  const terminals = {
    onOutput: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
    attach: () => new Promise((resolve) => answers.push((value) => resolve(ok(value)))),
    read: async ({ upTo }: { upTo: number }) => {
      reads.push(upTo);
      return ok({ attached });
    },
    write: async ({ text }: { text: string }) => {
      written.push(text);
      return ok({ success: true });
    },
    detach: async () => ok({}),
  };
  const stream = new TerminalStream({
    bridge: { terminals } as unknown as Pick<LanyardBridge, 'terminals'>,
    tabId: 't',
    show: (bytes) => {
      screen += new TextDecoder().decode(bytes);
      return new Promise((resolve) => shown.push(resolve));
    },
    reset: () => {
      screen = '';
    },
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return {
    stream,
    reads,
    written,
    answers,
    screen: () => screen,
    say: (from: number, text: string, tabId = 't') => tell({ tabId, from, bytes: bytesOf(text) }),
    answer: async (text: string, end: number) => {
      answers.shift()?.({ bytes: bytesOf(text), end });
      await settle();
    },
    /** Everything is on the screen. */
    paint: async () => {
      for (const each of shown.splice(0)) each();
      await settle();
    },
    lose: () => {
      attached = false;
    },
    find: () => {
      attached = true;
    },
  };
}

describe('TerminalStream', () => {
  it('shows what was kept, then each byte once and in order, and reads back what is on the screen', async () => {
    const { stream, say, answer, screen, reads, paint } = scene();
    stream.start();
    // Told between the question and its answer: once as kept, once as new.
    say(0, 'kept');
    say(4, ' and');
    await answer('kept', 4);
    expect(screen()).toBe('kept and');
    expect(stream.replaying).toBe(true);
    expect(reads).toEqual([]);
    await paint();
    expect(stream.replaying).toBe(false);
    expect(reads).toEqual([4, 8]);
    say(8, ' more');
    say(0, 'of another tab', 'other');
    expect(screen()).toBe('kept and more');
    await paint();
    expect(reads).toEqual([4, 8, 13]);
  });

  it('asks anew when some was missed, by what comes or by what main says', async () => {
    const { stream, say, answer, answers, screen, paint, lose, find } = scene();
    stream.start();
    await answer('a', 1);
    await paint();
    say(5, 'gap');
    expect(answers.length).toBe(1);
    await answer('aXXXXgap', 8);
    expect(screen()).toBe('aXXXXgap');
    await paint();
    lose();
    say(8, '!');
    await paint();
    expect(answers.length).toBe(1);
    find();
    await answer('aXXXXgap!!', 10);
    await paint();
    expect(screen()).toBe('aXXXXgap!!');
    expect(answers.length).toBe(0);
  });

  it('hands a long paste on in pieces and splits no character', async () => {
    const { stream, written } = scene();
    const text = `x${'😀'.repeat(40_000)}`;
    expect(await stream.send(text)).toBe(true);
    expect(written.length).toBe(2);
    expect(written.join('')).toBe(text);
    for (const piece of written) expect(piece).not.toMatch(/[\ud800-\udbff]$/);
  });
});
