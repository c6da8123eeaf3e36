import type { LanyardBridge } from '../src-preload/contract.ts';

declare global {
  interface Window {
    /** Put there by the preload script; all that a window can reach. */
    readonly lanyard: LanyardBridge;
  }
}
