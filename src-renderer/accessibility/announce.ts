/**
 * Reads a text out politely through the page's one live region. The region is emptied first, so that the same text
 * twice in a row ("Copied") is heard twice.
 */
export function announce(text: string): void {
  const region = document.getElementById('announcements');
  if (!region) return;
  region.textContent = '';
  // Emptying and filling in one task is no change to a screen reader.
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}
