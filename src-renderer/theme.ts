/** Keeps `data-theme` on the given element equal to what the system asks for, now and whenever it changes. */
export function followSystemTheme(element: HTMLElement, prefersDark: MediaQueryList): void {
  const apply = () => {
    element.dataset.theme = prefersDark.matches ? 'dark' : 'light';
  };
  apply();
  prefersDark.addEventListener('change', apply);
}
