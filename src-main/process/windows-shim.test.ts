import { describe, expect, it } from 'vitest';
import { parseCommandShim, resolveCommandShim } from './windows-shim.ts';

const crlf = (lines: string[]): string => lines.join('\r\n');

/** As npm 10 writes it for a script. */
const npmScript = crlf([
  '@ECHO off',
  'GOTO start',
  ':find_dp0',
  'SET dp0=%~dp0',
  'EXIT /b',
  ':start',
  'SETLOCAL',
  'CALL :find_dp0',
  '',
  'IF EXIST "%dp0%\\node.exe" (',
  '  SET "_prog=%dp0%\\node.exe"',
  ') ELSE (',
  '  SET "_prog=node"',
  '  SET PATHEXT=%PATHEXT:;.JS;=;%',
  ')',
  '',
  'endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\node_modules\\@openai\\codex\\bin\\codex.js" %*',
  '',
]);

describe('parseCommandShim', () => {
  it('X-7: npm’s shim of a script', () => {
    expect(parseCommandShim(npmScript)).toEqual({
      interpreter: 'node',
      target: 'node_modules\\@openai\\codex\\bin\\codex.js',
    });
  });

  it('X-7: npm’s shim of a program', () => {
    const text = crlf(['@ECHO off', '"%dp0%\\node_modules\\tool\\bin\\tool.exe"   %*', '']);
    expect(parseCommandShim(text)).toEqual({
      interpreter: null,
      target: 'node_modules\\tool\\bin\\tool.exe',
    });
  });

  it('X-7: pnpm’s shim', () => {
    const text = crlf([
      '@SETLOCAL',
      '@IF EXIST "%~dp0\\node.exe" (',
      '  "%~dp0\\node.exe"  "%~dp0\\..\\store\\tool.js" %*',
      ') ELSE (',
      '  @SET PATHEXT=%PATHEXT:;.JS;=;%',
      '  node  "%~dp0\\..\\store\\tool.js" %*',
      ')',
    ]);
    expect(parseCommandShim(text)).toEqual({ interpreter: 'node', target: '..\\store\\tool.js' });
  });

  it('X-7: any other batch file is none', () => {
    expect(parseCommandShim('@echo off\r\necho hello %*\r\n')).toBeNull();
    expect(parseCommandShim('@"%SOMEWHERE%\\tool.exe" "%~dp0\\x.js" --flag\r\n')).toBeNull();
  });
});

it('X-7: what is no batch file stands for itself', () => {
  expect(resolveCommandShim('C:\\bin\\tool.exe', {})).toBeNull();
});
