import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { completionScript, shells, type Shell } from '../completion.ts';
import { print, type Io } from '../io.ts';

/** `sekisho completion <shell>`: prints the script by which the shell completes our words. */
export async function runCompletion({ positionals: [shell] }: Invocation, io: Io): Promise<number> {
  if (!isShell(shell)) {
    print(io.stderr, `Which shell? Known: ${shells.join(', ')}. For example: source <(${io.program} completion bash)`);
    return await Promise.resolve(exitCodes.usage);
  }
  print(io.stdout, completionScript(shell));
  return exitCodes.ok;
}

function isShell(word: string | undefined): word is Shell {
  return (shells as readonly (string | undefined)[]).includes(word);
}
