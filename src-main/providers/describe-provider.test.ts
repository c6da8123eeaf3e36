import { expect, it } from 'vitest';
import { aws } from './aws.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { sampleDefinition } from './definition.fixture.ts';
import { demoProvider } from './demo.ts';
import { installCommandOn, placeOn, proofInWords } from './describe-provider.ts';
import { gemini } from './gemini.ts';
import { github } from './github.ts';
import { openai } from './openai.ts';

const demo = demoProvider({ file: '/opt/Lanyard/lanyard', args: ['--demo'] }, 'http://127.0.0.1:1');

it.each([
  [codex, '"codex login status" succeeds, and its answer says so'],
  [claude, '"claude auth status" succeeds, and loggedIn is true in its answer'],
  [gemini, 'Its file .gemini/oauth_creds.json is new since the sign-in began and holds refresh_token'],
  [openai, 'One request with the key, which the provider has to accept'],
  [
    aws,
    '"aws sts get-caller-identity --output json" succeeds; without the program, AWS lists the accounts of the sign-in',
  ],
  [demo, '"demo status" succeeds, and loggedIn is true in its answer'],
])('I-14: says in words what proves a sign-in to $id', (provider, expected) => {
  expect(proofInWords(provider)).toBe(expected);
});

it('a program given by its path is named by its file', () => {
  const named = (name: string) =>
    sampleDefinition({
      program: { names: [name], args: [], installCommand: null },
      proof: { kind: 'status-command', args: ['status'] },
    });
  expect(proofInWords(named('/opt/my tools/acme'))).toBe('"acme status" succeeds');
  expect(proofInWords(named('C:\\Tools\\acme.exe'))).toBe('"acme.exe status" succeeds');
});

it('I-14: the place of the login is that of this system', () => {
  expect(placeOn(claude, 'darwin')?.kept).toBe('keychain');
  expect(placeOn(claude, 'linux')?.kept).toBe('file');
  expect(placeOn(claude, 'win32')).toMatchObject({ kept: 'file', known: 'documented' });
  const { isolation: _, ...unknown } = claude;
  expect(placeOn(unknown, 'linux')).toBeNull();
});

it('X-6: the install command is that of this system', () => {
  expect(installCommandOn(github, 'darwin')).toBe('brew install gh');
  expect(installCommandOn(github, 'win32')).toBe('winget install --id GitHub.cli');
  expect(installCommandOn(codex, 'darwin')).toBe('npm install -g @openai/codex');
  expect(installCommandOn(openai, 'linux')).toBeNull();
});
