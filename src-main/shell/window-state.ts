import { type BrowserWindow, type Rectangle, screen } from 'electron';
import * as v from 'valibot';
import { openJsonFile } from '../programs/json-file.ts';

const StateSchema = v.object({
  x: v.number(),
  y: v.number(),
  width: v.pipe(v.number(), v.minValue(400)),
  height: v.pipe(v.number(), v.minValue(300)),
  maximized: v.boolean(),
});

/** Where the window was last, kept over restarts. */
export interface WindowStateFile {
  read(): unknown;
  write(value: unknown): void;
}

export interface StartBounds {
  bounds: Partial<Rectangle> & { width: number; height: number };
  maximized: boolean;
}

const first: StartBounds = { bounds: { width: 1040, height: 720 }, maximized: false };

/** The last bounds if they still lie on a screen, else the first-run size. */
export function startBounds(file: WindowStateFile): StartBounds {
  const parsed = v.safeParse(StateSchema, file.read());
  if (!parsed.success) return first;
  const { maximized, ...bounds } = parsed.output;
  const area = screen.getDisplayMatching(bounds).workArea;
  const visible =
    bounds.x < area.x + area.width - 50 &&
    bounds.x + bounds.width > area.x + 50 &&
    bounds.y >= area.y - 10 &&
    bounds.y < area.y + area.height - 50;
  return { bounds: visible ? bounds : { width: bounds.width, height: bounds.height }, maximized };
}

/** Writes the bounds when the window closes, and a moment after it was moved or resized. */
export function keepWindowState(window: BrowserWindow, file: WindowStateFile): void {
  let timer: NodeJS.Timeout | undefined;
  const save = () => {
    clearTimeout(timer);
    if (window.isDestroyed()) return;
    file.write({ ...window.getNormalBounds(), maximized: window.isMaximized() });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, 500);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('close', save);
}

/** A small JSON file; one that cannot be read or written only costs the window its place. */
export function openWindowStateFile(path: string): WindowStateFile {
  const file = openJsonFile(path);
  return {
    read: file.read,
    write: (value) => {
      try {
        file.write(value);
      } catch {
        // A full disk must not keep a window from closing.
      }
    },
  };
}
