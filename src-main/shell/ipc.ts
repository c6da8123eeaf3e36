import { type BrowserWindow, ipcMain } from 'electron';
import * as v from 'valibot';
import type { Failure } from '../../src-preload/contract/values.ts';
import {
  type Channel,
  calls,
  type EventName,
  type EventPayload,
  events,
  type Reply,
  type Response,
} from '../../src-preload/contract.ts';
import { LanyardError } from '../failures.ts';
import { describeFault } from '../journal/describe-fault.ts';
import { isTrustedSender } from './window-policy.ts';

/** One function for each call of the contract; gets the checked request. */
export type HandlersOf<Calls extends Partial<typeof calls>> = {
  [C in keyof Calls & Channel]: (
    request: v.InferOutput<(typeof calls)[C]['request']>,
  ) => Response<C> | Promise<Response<C>>;
};
export type Handlers = HandlersOf<typeof calls>;

interface IpcLog {
  error(event: string, fields?: Record<string, string | number | boolean>): void;
}

const badRequest = (issue: string): Failure => ({
  code: 'bad_request',
  title: issue,
  hint: 'Correct it and try again.',
});

const unknownSender: Failure = {
  code: 'unknown_sender',
  title: 'This page may not ask Lanyard for anything',
  hint: 'Use a window of Lanyard.',
};

const internalError: Failure = {
  code: 'internal_error',
  title: 'Something went wrong inside Lanyard',
  hint: 'Try again. If it happens again, report it with the log file.',
};

/**
 * Registers every call of the contract; calls that come before the handlers are there wait for them. A request is refused unless it comes from the top frame of one of our own pages
 * and fits its schema; a response leaves main only as its schema describes it, so that nothing else can cross.
 */
export function registerIpc(handlers: Promise<Handlers>, log: IpcLog): void {
  const register = <C extends Channel>(channel: C) => {
    ipcMain.handle(channel, async (event, input: unknown): Promise<Reply<Response<C>>> => {
      if (!isTrustedSender(event.sender, event.senderFrame)) {
        log.error('ipc.refused', { channel });
        return { ok: false, failure: unknownSender };
      }
      const parsed = v.safeParse(calls[channel].request, input);
      if (!parsed.success) return { ok: false, failure: badRequest(parsed.issues[0].message) };
      try {
        // The schema of this channel made the request, which TypeScript cannot follow through the generic index.
        const request = parsed.output as Parameters<Handlers[C]>[0];
        const response = await (await handlers)[channel](request);
        return { ok: true, value: v.parse(calls[channel].response, response) as Response<C> };
      } catch (error) {
        if (error instanceof LanyardError) return { ok: false, failure: error.failure };
        log.error('ipc.fault', { channel, ...describeFault(error) });
        return { ok: false, failure: internalError };
      }
    });
  };
  for (const channel of Object.keys(calls) as Channel[]) register(channel);
}

/** Pushes an event of the contract to all windows. */
export function pushEvent<E extends EventName>(
  windows: BrowserWindow[],
  event: E,
  payload: EventPayload<E>,
): void {
  const checked = v.parse(events[event], payload);
  for (const window of windows) {
    if (!window.isDestroyed() && isTrustedSender(window.webContents, window.webContents.mainFrame)) {
      window.webContents.send(event, checked);
    }
  }
}
