import type { App } from 'electron';
import { linkAmong, linkScheme } from '../desktop/deep-link.ts';

/**
 * Links on their way in: of this start, of a later start of the app (the second instance hands them over and ends), and
 * of macOS, which sends an event. Must be made before the app is ready; what comes before anybody listens waits.
 */
export class LinkArrivals {
  readonly #early: string[] = [];
  #deliver: ((link: string) => void) | null = null;

  constructor(app: App, args: readonly string[]) {
    this.#arrived(linkAmong(args.slice(1)));
    app.on('second-instance', (_event, later) => this.#arrived(linkAmong(later.slice(1))));
    app.on('open-url', (event, url) => {
      event.preventDefault();
      this.#arrived(url);
    });
    // An app that is not installed would put a checkout's path into the person's desktop settings.
    if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
  }

  /** From now on, links go to `deliver`, those that wait first. */
  deliverTo(deliver: (link: string) => void): void {
    this.#deliver = deliver;
    for (const link of this.#early.splice(0)) deliver(link);
  }

  #arrived(link: string | null): void {
    if (link === null) return;
    if (this.#deliver) this.#deliver(link);
    else this.#early.push(link);
  }
}
