import { expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { DesktopChoices } from './desktop-settings.ts';

function scene(content: unknown = null) {
  const world = { content, login: false, diskFull: false, loginRefused: false };
  const changes: unknown[] = [];
  const open = () =>
    new DesktopChoices({
      file: {
        read: () => world.content,
        write: (value) => {
          if (world.diskFull) throw new Error('ENOSPC');
          world.content = value;
        },
      },
      loginStart: {
        isOn: () => world.login,
        set: (on) => {
          if (world.loginRefused) throw new LanyardError({ code: 'no_autostart', title: 'no', hint: 'no' });
          world.login = on;
        },
      },
      onChanged: (settings) => changes.push(settings),
    });
  return { world, changes, open };
}

const first = {
  theme: 'system',
  notifications: true,
  keepInTray: false,
  singleKeys: true,
  startAtLogin: false,
};

it('R-9: at first Lanyard follows the system, tells what happens, and quits with its window', () => {
  expect(scene().open().all()).toEqual(first);
});

it('R-9: what was chosen is there at the next start', () => {
  const { open, changes } = scene();
  open().choose({ theme: 'dark', keepInTray: true });
  expect(changes).toEqual([{ ...first, theme: 'dark', keepInTray: true }]);
  expect(open().all()).toEqual({ ...first, theme: 'dark', keepInTray: true });
});

it('R-9: starting at login is what the system says, not what we remember', () => {
  const { open, world } = scene();
  const choices = open();
  choices.choose({ startAtLogin: true });
  expect(choices.all()).toMatchObject({ startAtLogin: true });
  expect(world.content).toBeNull();
  world.login = false;
  expect(choices.all()).toMatchObject({ startAtLogin: false });
});

it('R-9: a choice that cannot be kept changes nothing', () => {
  const { open, world, changes } = scene();
  const choices = open();
  world.diskFull = true;
  expect(() => choices.choose({ theme: 'dark', startAtLogin: true })).toThrow(/could_not_save/);
  expect(choices.all()).toEqual(first);
  world.diskFull = false;
  world.loginRefused = true;
  expect(() => choices.choose({ theme: 'dark', startAtLogin: true })).toThrow(/no_autostart/);
  expect(choices.all()).toEqual(first);
  expect(changes).toEqual([]);
});

it.each([
  [
    { theme: 'sepia', notifications: false },
    { ...first, notifications: false },
  ],
  [{ keepInTray: 'yes' }, first],
  [['dark'], first],
  ['nonsense', first],
])('R-9: %j in the file costs no more than what cannot be understood', (content, settings) => {
  expect(scene(content).open().all()).toEqual(settings);
});
