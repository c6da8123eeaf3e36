/**
 * The groups a device code is shown in. The provider's own separators win; a code of eight characters without one is
 * split 4+4; anything else stays whole.
 */
export function codeGroups(code: string): string[] {
  const separated = code.split(/[\s-]+/).filter((group) => group !== '');
  if (separated.length > 1) return separated;
  return code.length === 8 ? [code.slice(0, 4), code.slice(4)] : [code];
}

/** For screen readers: `WDJB-MJHT` is read as `W D J B, M J H T` and not as two odd words. */
export function spellCode(code: string): string {
  return codeGroups(code)
    .map((group) => [...group].join(' '))
    .join(', ');
}
