/**
 * Text from the clipboard as a terminal may get it: control characters but tabs and line breaks become the signs that
 * show them. xterm.js 6.0 sends them as they are, so that a text with the end of a bracketed paste in it (ESC [201~) could
 * have the rest run by the shell, and others press Ctrl+C or rub out what was shown.
 */
export function pastedText(text: string): string {
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}
