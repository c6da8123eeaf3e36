import type { WindowMemory } from './controller.ts';

/**
 * The history entry's state survives a reload of this window and nothing else, which is what is wanted: the same
 * window goes on where it was, a new one starts at the beginning.
 */
export function rememberWindow(memory: WindowMemory): void {
  history.replaceState(memory, '');
}

export function recallWindow(): WindowMemory | null {
  const memory: unknown = history.state;
  return isWindowMemory(memory) ? memory : null;
}

function isWindowMemory(value: unknown): value is WindowMemory {
  return typeof value === 'object' && value !== null && 'page' in value && 'openSessionId' in value;
}
