/** Milliseconds after the CLI wrote its link. */
export interface LinkTimes {
  /** The link was in the page. */
  inPage: number;
  /** The frame after the one that should paint it began: two rounds of requestAnimationFrame, for comparison. */
  twoFrames: number;
  /** Chromium presented the first frame with the link in it, by its own account (Element Timing). */
  onScreen: number;
}

/**
 * Runs in the app's window: signs in once through its own button, times the link, and ends the sign-in. Everything is
 * measured in the page, so that no message of the test driver passes while it counts.
 * @param providerName name of a provider whose CLI prints a link with the time of writing in its parameter `t`
 */
export async function timeLinkInWindow(providerName: string): Promise<LinkTimes> {
  const untilThere = <T>(find: () => T | null | undefined | false): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (!found) return;
        observer.disconnect();
        clearTimeout(timer);
        resolve(found);
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, {
        childList: true,
        subtree: true,
        characterData: true,
        attributes: true,
      });
      const timer = setTimeout(() => {
        observer.disconnect();
        reject(new Error(`nothing happened in ${document.body.textContent.slice(0, 2000)}`));
      }, 15_000);
      look();
    });
  const now = () => performance.timeOrigin + performance.now();
  // The CLI's clock and the page's were read from the system's when each process began: what parted since is undone.
  const offsetNow = () => {
    const tick = Date.now();
    while (Date.now() === tick);
    return Date.now() - now();
  };
  const offset = Math.max(...Array.from({ length: 5 }, offsetNow));
  const button = (label: string) =>
    [...document.querySelectorAll('button')].find(
      (each) => each.getAttribute('aria-label') === label || each.textContent?.trim() === label,
    );

  const connect = await untilThere(() => button(`Connect ${providerName}`));
  connect.click();

  let inPage = 0;
  const { element, writtenAt } = await untilThere(() => {
    const dialog = document.querySelector('[role="dialog"]');
    const time = /[?&]t=(\d+\.\d+)/.exec(dialog?.textContent ?? '')?.[1];
    if (!dialog || time === undefined) return null;
    inPage = now();
    const texts = document.createTreeWalker(dialog, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const parent = texts.currentNode.parentElement;
      if (parent && texts.currentNode.nodeValue?.includes(time))
        return { element: parent, writtenAt: Number(time) };
    }
    return null;
  });
  // Set before the element is painted for the first time, so its first frame is the one that is reported.
  element.setAttribute('elementtiming', 'link');
  const reported = new Promise<number>((resolve, reject) => {
    const observer = new PerformanceObserver((list) => {
      const entry = list
        .getEntries()
        .find((each) => (each as unknown as { element: Element }).element === element);
      if (!entry) return;
      observer.disconnect();
      clearTimeout(timer);
      resolve(performance.timeOrigin + (entry as unknown as { renderTime: number }).renderTime);
    });
    observer.observe({ type: 'element', buffered: true });
    const timer = setTimeout(() => reject(new Error('no frame with the link was reported')), 15_000);
  });
  const twoFrames = await new Promise<number>((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(now())));
  });
  if (!element.checkVisibility()) throw new Error('the link is in the page but cannot be seen');
  const onScreen = await reported;

  (await untilThere(() => button('Cancel'))).click();
  await untilThere(() => !document.querySelector('[role="dialog"]'));
  await untilThere(() => button(`Connect ${providerName}`));
  const since = (at: number) => at + offset - writtenAt;
  return {
    inPage: since(inPage),
    twoFrames: since(twoFrames),
    onScreen: since(onScreen),
  };
}
