/**
 * To be called when a dialog is made: returns what gives the focus back when it closes, to what opened it. An entry of
 * a menu is gone by then, so it is the menu's button; without either it is the page's title.
 */
export function rememberFocus(): () => void {
  const active = document.activeElement;
  const menuButton = active?.closest('[role="menu"]')?.getAttribute('aria-labelledby');
  const opener = menuButton ? document.getElementById(menuButton) : active;
  return () => {
    const usable = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
    (usable ? opener : document.getElementById('page-title'))?.focus();
  };
}
