/**
 * Whether a browser that is opened now is in front of the person who called the command. The display of the machine
 * that Lanyard runs on may be somebody else's, or in another room.
 *
 * @param environment the caller's
 */
export function browserAt(
  host: 'app' | 'serve',
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): boolean {
  const { SSH_CONNECTION, SSH_CLIENT, SSH_TTY, DISPLAY, WAYLAND_DISPLAY } = environment;
  if (host === 'serve' || SSH_CONNECTION || SSH_CLIENT || SSH_TTY) return false;
  return platform === 'win32' || platform === 'darwin' || Boolean(DISPLAY || WAYLAND_DISPLAY);
}
