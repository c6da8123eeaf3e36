import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Autostart, execLine } from './autostart.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lanyard-autostart-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const command = ['/opt/Lanyard/lanyard', '--lanyard-hidden'];
const at = (config: string) => join(config, 'autostart', 'lanyard.desktop');
const inHome = (environment: NodeJS.ProcessEnv = {}, started = command) =>
  new Autostart({ environment, homeDirectory: home, command: started });

it('R-9: the entry stands in XDG_CONFIG_HOME, starts the app hidden, and goes away without a trace', () => {
  const config = join(home, 'xdg');
  const autostart = inHome({ XDG_CONFIG_HOME: config });
  expect(autostart.isOn()).toBe(false);
  autostart.set(true);
  expect(autostart.isOn()).toBe(true);
  const entry = readFileSync(at(config), 'utf8');
  expect(entry).toContain('[Desktop Entry]\nType=Application\nName=Lanyard\n');
  expect(entry).toContain('\nExec="/opt/Lanyard/lanyard" "--lanyard-hidden"\n');
  autostart.set(false);
  autostart.set(false);
  expect(autostart.isOn()).toBe(false);
  expect(existsSync(at(config))).toBe(false);
});

it.each([{}, { XDG_CONFIG_HOME: '' }, { XDG_CONFIG_HOME: 'relative' }])(
  'R-9: with %j it stands in ~/.config',
  (environment) => {
    inHome(environment).set(true);
    expect(existsSync(at(join(home, '.config')))).toBe(true);
  },
);

it.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
  'R-9: one that the desktop turned off (%s) is off',
  (line) => {
    const autostart = inHome();
    autostart.set(true);
    const file = at(join(home, '.config'));
    writeFileSync(file, `${readFileSync(file, 'utf8')}${line}\n`);
    expect(autostart.isOn()).toBe(false);
    autostart.refresh();
    expect(autostart.isOn()).toBe(false);
    autostart.set(true);
    expect(autostart.isOn()).toBe(true);
  },
);

it('R-9: an entry of somebody else is neither taken for ours, nor written, nor removed', () => {
  const file = at(join(home, '.config'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '[Desktop Entry]\nExec=other\n');
  const autostart = inHome();
  expect(autostart.isOn()).toBe(false);
  for (const on of [true, false]) expect(() => autostart.set(on)).toThrow(/autostart_not_ours/);
  expect(readFileSync(file, 'utf8')).toBe('[Desktop Entry]\nExec=other\n');
});

it('R-9: after the app was moved, the entry starts it where it is now', () => {
  inHome().set(true);
  inHome({}, ['/home/ada/Lanyard 2/lanyard', '--lanyard-hidden']).refresh();
  expect(readFileSync(at(join(home, '.config')), 'utf8')).toContain('Exec="/home/ada/Lanyard 2/lanyard"');
});

it('R-9: a refresh makes no entry where there is none', () => {
  inHome().refresh();
  expect(existsSync(join(home, '.config'))).toBe(false);
});

it('R-9: a file where the folder should be is said to stand in the way', () => {
  writeFileSync(join(home, '.config'), '');
  expect(() => inHome().set(true)).toThrow(/autostart_not_written/);
});

it.each([
  [['/a b/c'], '"/a b/c"'],
  [['/x', '50%'], '"/x" "50%%"'],
  [['/a"b'], String.raw`"/a\\"b"`],
  [['/$HOME/`id`'], '"/\\\\$HOME/\\\\`id\\\\`"'],
  [['C:\\x'], String.raw`"C:\\\\x"`],
])('R-9: %j is written as %s', (words, line) => {
  expect(execLine(words)).toBe(line);
});
