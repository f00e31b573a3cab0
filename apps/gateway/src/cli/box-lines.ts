import { describeAge, describeBox } from '../mount/box-view.ts';
import type { ServerView } from './server-view.ts';
import { oneLine, type Style } from './terminal.ts';

/** What the screen says of all boxes together: one line where all is well, one in red for each server that is not held. */
export function renderBoxes(servers: readonly ServerView[], program: string, style: Style): string[] {
  const boxed = servers.flatMap(({ box }) => (box?.state === 'boxed' ? [box] : []));
  const lines = servers.flatMap((server) =>
    boxProblems(server, style).map((line) => `  ${oneLine(server.name, 40)}: ${line}`),
  );
  const open = servers.some(({ box }) => box?.state === 'weak' || box?.state === 'none');
  const oldest = Math.max(0, ...boxed.map(({ ageMs = 0 }) => ageMs));
  const backend = boxed[0] === undefined ? '' : `${boxed[0].backend} ${boxed[0].versions?.backend ?? ''}`.trim();
  return [
    ...(boxed.length === 0
      ? []
      : [
          `${style.green('Boxed:')} ${boxed.length === 1 ? 'one server runs in a box' : `${boxed.length} servers run in boxes`}, proved ${describeAge(oldest)} (${backend}). ${style.dim(`"${program} sandbox explain <server>" says what each may do.`)}`,
        ]),
    ...(lines.length === 0 ? [] : [open ? style.red(style.bold('Not held')) : style.bold('About the boxes'), ...lines]),
    ...(boxed.length + lines.length === 0 ? [] : ['']),
  ];
}

/** What is not held for one server, and what it was refused; nothing where all is well. */
export function boxProblems({ box }: ServerView, style: Style): string[] {
  if (box === undefined) return [];
  const open =
    box.state === 'weak'
      ? (box.notEnforceable ?? []).map((item) => style.red(`not enforced: ${oneLine(item, 200)}`))
      : [];
  const none = box.state === 'none' ? [style.red('NO BOX: it can read, change and send whatever you can')] : [];
  return [...none, ...open, ...(box.warnings ?? []).map((warning) => style.yellow(oneLine(warning, 300)))];
}

/** For `status`: the box in a few words, red where it does not hold. */
export function boxWords({ box }: ServerView, style: Style): string {
  if (box === undefined) return '';
  const words = oneLine(describeBox(box), 120);
  return box.state === 'none' || box.state === 'weak' ? style.red(words) : style.dim(words);
}
