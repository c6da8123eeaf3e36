import { describe, expect, it } from 'vitest';
import { chosenHome, dataDirectoryOf } from './data-directory.ts';

const refused = expect.objectContaining({ failure: expect.objectContaining({ code: 'relative_home' }) });

describe('LANYARD_HOME', () => {
  it.each([
    ['/srv/lanyard', '/srv/lanyard'],
    // As the command has it: the socket's place is made of these very characters.
    ['/srv/lanyard/', '/srv/lanyard'],
    ['/srv/../srv//lanyard/.', '/srv/lanyard'],
    ['', null],
    [undefined, null],
  ])('%j is %j', (LANYARD_HOME, directory) => {
    expect(chosenHome({ LANYARD_HOME }, 'linux')).toBe(directory);
  });

  it.each(['lanyard', './lanyard', '~/lanyard', '..'])(
    '%j is refused: it would be another one everywhere',
    (LANYARD_HOME) => {
      let error: unknown;
      try {
        chosenHome({ LANYARD_HOME }, 'linux');
      } catch (caught) {
        error = caught;
      }
      expect(error).toEqual(refused);
    },
  );

  it('on Windows a drive or a share is absolute', () => {
    expect(chosenHome({ LANYARD_HOME: 'C:\\Lanyard\\' }, 'win32')).toBe('C:\\Lanyard');
    expect(chosenHome({ LANYARD_HOME: '\\\\host\\share\\Lanyard' }, 'win32')).toBe(
      '\\\\host\\share\\Lanyard',
    );
  });
});

describe('without it', () => {
  it.each([
    [{ XDG_CONFIG_HOME: '/config' }, 'linux', '/config/Lanyard'],
    // The specification of these directories has a relative one ignored.
    [{ XDG_CONFIG_HOME: 'config' }, 'linux', '/home/ada/.config/Lanyard'],
    [{}, 'linux', '/home/ada/.config/Lanyard'],
    [{}, 'darwin', '/home/ada/Library/Application Support/Lanyard'],
  ] as const)('%j on %s: %s', (environment, platform, directory) => {
    expect(dataDirectoryOf(environment, platform, '/home/ada')).toBe(directory);
  });
});
