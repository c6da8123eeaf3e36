/** How long a page may take to be there, ms. */
const patience = 2_000;

/** Brings an account's card into view and gives its title the focus, as soon as it is on the page. */
export function focusAccount(accountId: string): void {
  const found = () => document.getElementById(`account-${accountId}`);
  const focus = () => {
    found()?.scrollIntoView({ block: 'nearest' });
    found()?.focus();
  };
  if (found()) {
    focus();
    return;
  }
  const watcher = new MutationObserver(() => {
    if (!found()) return;
    stop();
    focus();
  });
  const timer = setTimeout(() => stop(), patience);
  const stop = () => {
    clearTimeout(timer);
    watcher.disconnect();
  };
  watcher.observe(document.body, { childList: true, subtree: true });
}
