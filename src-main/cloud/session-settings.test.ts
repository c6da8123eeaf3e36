import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCloudSettingsFile } from '../house/cloud-settings-file.ts';
import { SessionSettings, usualCapSeconds } from './session-settings.ts';

let place: string;
let path: string;
let settings: SessionSettings;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'lanyard-session-settings-'));
  path = join(place, 'cloud-sessions.json');
  settings = new SessionSettings(openCloudSettingsFile(path));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

describe('the settings of cloud sessions', () => {
  it('C-20: without any, twelve hours; with a cap, that one; empty again, twelve hours', () => {
    expect(settings.capOf('work')).toBe(usualCapSeconds);
    settings.setTerms('work', { cap: '45m' });
    expect(settings.capOf('work')).toBe(2700);
    expect(settings.capOf('home')).toBe(usualCapSeconds);
    settings.setTerms('work', { cap: '' });
    expect(settings.capOf('work')).toBe(usualCapSeconds);
  });

  it.each(['soon', '-1h', '0', '1h and a bit', -17, true, null, {}])(
    'C-20: a cap of %j in the file is an error and no cap of any length',
    (cap) => {
      writeFileSync(path, JSON.stringify({ identities: { work: { cap } } }));
      expect(() => settings.capOf('work')).toThrow('invalid_cap');
      expect(settings.terms('work')).toMatchObject({ capSeconds: null, capFailure: { code: 'invalid_cap' } });
    },
  );

  it.each(['{', '[]', '{"identities":[]}', '{"identities":{"work":7}}'])(
    'C-20: a file that says %s refuses, and is not written over',
    (text) => {
      writeFileSync(path, text);
      expect(() => settings.capOf('work')).toThrow('settings_unreadable');
      expect(settings.terms('work')).toMatchObject({
        capSeconds: null,
        notNarrowedAccepted: false,
        capFailure: { code: 'settings_unreadable' },
      });
      expect(() => settings.setTerms('work', { cap: '1h' })).toThrow('settings_unreadable');
      expect(readFileSync(path, 'utf8')).toBe(text);
      // The app's own profiles stay.
      expect(settings.profiles().profiles.length).toBeGreaterThan(5);
      expect(settings.profiles().problems).toHaveLength(1);
    },
  );

  it('C-11: what was accepted is kept per identity, beside what a person wrote by hand', () => {
    writeFileSync(path, JSON.stringify({ note: 'mine', identities: { work: { colour: 'x' } } }));
    settings.setTerms('work', { notNarrowedAccepted: true });
    expect(settings.terms('work')).toMatchObject({ notNarrowedAccepted: true });
    expect(settings.terms('home')).toMatchObject({ notNarrowedAccepted: false });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      note: 'mine',
      identities: { work: { colour: 'x', not_narrowed_accepted: true } },
    });
  });
});
