import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findClientFiles, readClientFile, type FoundFile } from '../../clients/find.ts';
import { planImport, type ImportPlan } from '../../clients/import.ts';
import type { CanonicalEntry } from '../../clients/canonical.ts';
import type { Surroundings } from '../../clients/registry.ts';
import { replaceFile } from '../../clients/write-file.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { ownFolder } from '../locations.ts';
import { askYesOrNo, canAsk } from '../prompt.ts';
import { createTerminal, oneLine } from '../terminal.ts';

/** `sekisho import`: shows what the clients of this computer start, and writes one file after a yes. */
export async function runImport({ flags, positionals }: Invocation, io: Io): Promise<number> {
  const place: Surroundings = { home: io.home, cwd: io.cwd, env: io.env, platform: io.platform };
  const found = positionals.length > 0 ? await readNamed(positionals, place, io) : await findClientFiles(place);
  if (found === undefined) return exitCodes.failure;
  // A project's file may have come with the project; the user has to ask for it.
  const left = found.filter(({ scope }) => scope === 'project' && flags.project !== true);
  const plan = planImport(found.filter((file) => !left.includes(file)));
  if (flags.json === true) {
    print(
      io.stdout,
      JSON.stringify(
        { servers: Object.fromEntries(plan.servers.map(({ name, entry }) => [name, entry])), notes: plan.notes },
        null,
        2,
      ),
    );
    return exitCodes.ok;
  }
  show(plan, left, io);
  if (plan.servers.length === 0) return exitCodes.failure;
  const output =
    flags.output === undefined
      ? join(ownFolder(io, 'settings'), 'sekisho.jsonc')
      : resolve(io.cwd, String(flags.output));
  const there = await access(output).then(
    () => true,
    () => false,
  );
  if (flags.yes !== true) {
    if (!canAsk(io)) {
      print(
        io.stderr,
        `Nothing is written: there is no terminal to ask on. Say --yes to ${there ? 'replace' : 'write'} ${output}.`,
      );
      return exitCodes.failure;
    }
    if (!(await askYesOrNo(io, there ? `${output} is there already. Replace it?` : `Write ${output}?`))) {
      print(io.stderr, 'Nothing is written.');
      return exitCodes.failure;
    }
  }
  const { backup } = await replaceFile(output, plan.text, () => new Date(io.now()));
  print(io.stdout, `Written: ${output}.${backup === undefined ? '' : ` The old file is kept as ${backup}.`}`);
  print(io.stdout, `Start it with: ${io.program}${flags.output === undefined ? '' : ` --config ${output}`}`);
  return exitCodes.ok;
}

async function readNamed(paths: readonly string[], place: Surroundings, io: Io): Promise<FoundFile[] | undefined> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    const file = await readClientFile(resolve(io.cwd, path), { client: 'file', title: path, scope: 'user' }, place);
    if (file === undefined) {
      print(io.stderr, `There is no file ${path}.`);
      return undefined;
    }
    found.push(file);
  }
  return found;
}

function show({ servers, notes }: ImportPlan, left: readonly FoundFile[], io: Io): void {
  const { style } = createTerminal(io.stdout, io.env);
  if (servers.length === 0) print(io.stdout, 'No client of this computer lists a server in a place that is known.');
  let from: FoundFile | undefined;
  for (const server of servers) {
    if (server.from !== from) print(io.stdout, style.bold(`${server.from.title}  ${style.dim(server.from.path)}`));
    from = server.from;
    const what = describeEntry(server.entry);
    print(io.stdout, `  ${oneLine(server.name, 40)}  ${style.dim(oneLine(what, 100))}`);
  }
  for (const note of notes) print(io.stdout, `${style.yellow('note')} ${oneLine(note, 500)}`);
  for (const { title, path } of left)
    print(
      io.stdout,
      `${style.yellow('note')} ${title}: ${path} came with the project of this folder and is left out. Say --project to take it.`,
    );
}

/** Enough to recognise a server by: what stands behind an option, or in the query of an address, may be a secret. */
function describeEntry(entry: CanonicalEntry): string {
  if (typeof entry['command'] !== 'string') return String(entry['url']).replace(/[?#].*|(?<=\/\/)[^/@]*@/g, '');
  const words = (entry['args'] as string[] | undefined) ?? [];
  const first = words.find((word) => word !== '-y' && word !== '--yes');
  return first === undefined || first.startsWith('-') ? entry['command'] : `${entry['command']} ${first}`;
}
