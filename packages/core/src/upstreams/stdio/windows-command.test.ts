import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StartFailure } from './start-failure.ts';
import { toWindowsCommand } from './windows-command.ts';

const NPX = 'C:\\node\\npx.CMD';
const NODE = 'C:\\node\\node.EXE';
const present =
  (...paths: string[]) =>
  (path: string): boolean =>
    paths.includes(path);
const spec = (command: string, ...args: string[]) => ({
  name: 'x',
  command,
  args,
  env: { Path: 'C:\\none;C:\\node', PathExt: '.COM;.EXE;.BAT;.CMD' },
});

test('a program is started directly, with its arguments as they are', () => {
  expect(toWindowsCommand(spec('node', 'a b', '"'), present(NODE))).toEqual({
    file: NODE,
    args: ['a b', '"'],
    verbatim: false,
  });
});

test('what is not found is left to the system to refuse', () => {
  expect(toWindowsCommand(spec('none'), present(NODE))).toEqual({ file: 'none', args: [], verbatim: false });
});

test('a batch file goes through cmd.exe, without its start-up commands', () => {
  const { file, args, verbatim } = toWindowsCommand(spec('npx', '-y', 'server'), present(NPX));
  expect(file).toBe('cmd.exe');
  expect(args.slice(0, 3)).toEqual(['/d', '/s', '/c']);
  expect(args[3]).toBe('"C:\\node\\npx.CMD ^^^"-y^^^" ^^^"server^^^""');
  expect(verbatim).toBe(true);
});

test('a bare name is not looked for in the working folder', () => {
  const planted = { ...spec('npx'), cwd: 'C:\\project' };
  expect(toWindowsCommand(planted, present('C:\\project\\npx.CMD')).file).toBe('npx');
});

/** What cmd.exe leaves of a text outside of quotes: a caret makes the next character plain. */
const readByCmd = (text: string): { plain: string; active: string } => {
  let plain = '';
  let active = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '^') plain += text[(i += 1)] ?? '';
    else {
      plain += text[i];
      if (/[()\][%!"`<>&|;,*?]/.test(text[i]!)) active += text[i];
    }
  }
  return { plain, active };
};

/** How the C runtime takes one quoted argument back. */
function readByProgram(text: string): string {
  let out = '';
  for (let i = 1; i < text.length - 1;) {
    const slashes = /^\\*/.exec(text.slice(i, -1))![0].length;
    const next = text[i + slashes];
    const atEnd = i + slashes === text.length - 1;
    if (atEnd || next === '"') {
      out += '\\'.repeat(slashes / 2);
      if (!atEnd) {
        expect(slashes % 2).toBe(1);
        out += '"';
      }
      i += slashes + 1;
    } else {
      out += '\\'.repeat(slashes) + next;
      i += slashes + 1;
    }
  }
  return out;
}

describe('an argument of a batch file', () => {
  test('comes back as it was, and no character of it is active in either reading', () => {
    const argument = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('"', '\\', '%PATH%', '&', '|', '^', '!', ' ', 'a', '<', '>', '(', ')'), {
          maxLength: 10,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(
        argument.map((text) => text.replaceAll(/[\r\n\0]/g, '')),
        (text) => {
          const line = toWindowsCommand(spec('npx', text), present(NPX)).args[3]!;
          const first = readByCmd(line.slice(1, -1));
          expect(first.active).toBe('');
          const second = readByCmd(first.plain.slice(NPX.length + 1));
          expect(second.active).toBe('');
          expect(readByProgram(second.plain)).toBe(text);
        },
      ),
    );
  });
  test.each(['a\nb', 'a\rb'])('with a line break is refused: %j', (argument) => {
    expect(() => toWindowsCommand(spec('npx', argument), present(NPX))).toThrow(StartFailure);
  });
});
