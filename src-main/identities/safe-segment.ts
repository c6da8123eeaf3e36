const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Whether an id may become one segment of a path on any system (I-5): not empty, no separators, no drive letter, no
 * control characters, not `.` or `..`, none of the names that Windows keeps for devices or silently changes.
 */
export function isSafeSegment(id: string): boolean {
  return (
    id.length > 0 &&
    id.length <= 128 &&
    !/[/\\:\u0000-\u001f\u007f]/.test(id) &&
    !/[. ]$/.test(id) &&
    !windowsDevice.test(id)
  );
}
