import type { desktopCalls } from '../../../src-preload/contract/desktop.ts';
import type { DesktopChoices } from '../../desktop/desktop-settings.ts';
import type { LinkRequests } from '../../desktop/link-requests.ts';
import type { HandlersOf } from '../ipc.ts';
import type { Presence } from '../presence.ts';
import { outcome } from './outcome.ts';

export interface DesktopHandlerParts {
  choices: DesktopChoices;
  presence: Pick<Presence, 'looksAt'>;
  links: LinkRequests;
}

/** What is around the windows. */
export function desktopHandlers(parts: DesktopHandlerParts): HandlersOf<typeof desktopCalls> {
  const { choices, presence, links } = parts;
  return {
    'desktop.settings': () => choices.all(),
    'desktop.choose': ({ theme, notifications, keepInTray, singleKeys, startAtLogin }) =>
      outcome(() =>
        choices.choose({
          ...(theme === undefined ? {} : { theme }),
          ...(notifications === undefined ? {} : { notifications }),
          ...(keepInTray === undefined ? {} : { keepInTray }),
          ...(singleKeys === undefined ? {} : { singleKeys }),
          ...(startAtLogin === undefined ? {} : { startAtLogin }),
        }),
      ),
    'desktop.looking': (looking) => {
      presence.looksAt(looking);
      return {};
    },
    'links.waiting': () => ({ link: links.waiting() }),
    'links.answer': ({ linkId, allow }) => outcome(() => links.answer(linkId, allow)),
  };
}
