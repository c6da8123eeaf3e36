const windowsDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3])\s*(?:\.|$)/i;

/**
 * Whether an id may become one segment of a path on any system (I-5): not empty, no separators, no drive letter, no
 * control characters, no halves of characters (which two ids would share on disk), not `.` or `..`, none of the names that
 * Windows keeps for devices or silently changes.
 */
export function isSafeSegment(id: string): boolean {
  return (
    id.length > 0 &&
    id.length <= 128 &&
    id.isWellFormed() &&
    !/[/\\:\u0000-\u001f\u007f]/.test(id) &&
    !/[. ]$/.test(id) &&
    !windowsDevice.test(id)
  );
}
