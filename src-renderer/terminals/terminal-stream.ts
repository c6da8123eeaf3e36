import type { LanyardBridge } from '../../src-preload/contract.ts';
import { ask } from '../state/ask.ts';

export interface TerminalStreamParts {
  bridge: Pick<LanyardBridge, 'terminals'>;
  tabId: string;
  /** Shows bytes; the returned promise says when they are on the screen. */
  show: (bytes: Uint8Array) => Promise<void>;
  /** What follows is everything from the beginning: what is on the screen goes. */
  reset: () => void;
}

/** A call's request takes this much text; halves of a character stay together. */
const pieceLength = 60_000;

/**
 * Output of one tab, from main to a screen: each byte once and in order, read back to main as it is shown. What was
 * missed, because this window was too slow or was loaded again, is asked for anew.
 */
export class TerminalStream {
  readonly #parts: TerminalStreamParts;
  /** How many bytes of the tab were taken so far. */
  #taken = 0;
  /** Counts attachments: an answer to an earlier one says nothing. */
  #turn = 0;
  #attaching = false;
  #held: { from: number; bytes: Uint8Array }[] = [];
  #replaying = false;
  #stop: () => void = () => {};
  #closed = false;

  constructor(parts: TerminalStreamParts) {
    this.#parts = parts;
  }

  /** What was said before is being shown again: answers of the terminal to it are not the program's business. */
  get replaying(): boolean {
    return this.#replaying;
  }

  start(): void {
    const { bridge, tabId } = this.#parts;
    this.#stop = bridge.terminals.onOutput((output) => {
      if (output.tabId === tabId) this.#receive(output.from, output.bytes);
    });
    void this.#attach();
  }

  /** Hands on what was typed or pasted. False when main refused it. */
  async send(text: string): Promise<boolean> {
    const { bridge, tabId } = this.#parts;
    for (let at = 0; at < text.length; ) {
      const last = text.charCodeAt(at + pieceLength - 1);
      const end = at + (last >= 0xd800 && last <= 0xdbff ? pieceLength - 1 : pieceLength);
      const reply = await ask(bridge.terminals.write({ tabId, text: text.slice(at, end) }));
      if (!reply.ok || !reply.value.success) return false;
      at = end;
    }
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    void ask(this.#parts.bridge.terminals.detach({ tabId: this.#parts.tabId }));
  }

  async #attach(): Promise<void> {
    if (this.#attaching || this.#closed) return;
    this.#attaching = true;
    this.#held = [];
    this.#turn += 1;
    const reply = await ask(this.#parts.bridge.terminals.attach({ tabId: this.#parts.tabId }));
    this.#attaching = false;
    // The tab is gone, which the list says as well.
    if (!reply.ok || this.#closed) return;
    const { bytes, end } = reply.value;
    this.#parts.reset();
    this.#taken = end;
    this.#replaying = true;
    const turn = this.#turn;
    void this.#parts.show(bytes).then(() => {
      if (turn !== this.#turn) return;
      this.#replaying = false;
      return this.#read(end, turn);
    });
    for (const { from, bytes: missed } of this.#held.splice(0)) this.#receive(from, missed);
  }

  #receive(from: number, bytes: Uint8Array): void {
    if (this.#attaching) {
      this.#held.push({ from, bytes });
      return;
    }
    if (from < this.#taken) return;
    if (from > this.#taken) {
      void this.#attach();
      return;
    }
    this.#taken += bytes.length;
    const upTo = this.#taken;
    const turn = this.#turn;
    void this.#parts.show(bytes).then(() => this.#read(upTo, turn));
  }

  async #read(upTo: number, turn: number): Promise<void> {
    if (this.#closed || turn !== this.#turn) return;
    const reply = await ask(this.#parts.bridge.terminals.read({ tabId: this.#parts.tabId, upTo }));
    if (reply.ok && !reply.value.attached && turn === this.#turn) await this.#attach();
  }
}
