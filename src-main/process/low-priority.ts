import { constants, setPriority } from 'node:os';
import type { ChildTransport } from './transport.ts';

/** Lets a child that nobody waits for leave the processor to others. @returns the child */
export function lowPriority(child: ChildTransport): ChildTransport {
  try {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system does not let us: it runs as any other then.
  }
  return child;
}
