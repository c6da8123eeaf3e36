import { LanyardError } from '../failures.ts';

/**
 * A web address out of a program's output, for the browser: http or https, without a user name, which would stand where
 * people look for the host.
 *
 * @returns the address as it is opened
 * @throws LanyardError `link_refused`
 */
export function checkedLink(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new LanyardError({
      code: 'link_refused',
      title: 'This link is not opened.',
      hint: 'Only web addresses without a user name are. Copy it if you know what it is.',
    });
  }
  return url.href;
}
