import { describePlace, type ConfigProblem } from '../config/problem.ts';
import { renderBoxes } from './box-lines.ts';
import { describeState, mark } from './progress.ts';
import { describeCounts, describeEra, isSettled, remedyOf, type ServerView } from './server-view.ts';
import { renderConnect, type Access } from './screen-connect.ts';
import { oneLine, plainText, type Terminal } from './terminal.ts';

export type ScreenOptions = {
  readonly version: string;
  /** What somebody types to run this program. */
  readonly program: string;
  /** The endpoint, `http://host:port/mcp`. */
  readonly url: string;
  /** How clients prove who they are. */
  readonly access: Access;
  readonly configFile: string;
  readonly servers: readonly ServerView[];
  /** Warnings; the errors stand with their servers. */
  readonly problems: readonly ConfigProblem[];
  readonly elapsedMs: number;
  readonly terminal: Terminal;
};

/** What a start ends in: what is served, how to use it, what is wrong and how to mend it. */
export function renderScreen(options: ScreenOptions): string {
  const { version, url, configFile, servers, elapsedMs, terminal } = options;
  const { style } = terminal;
  const up = servers.filter(({ state }) => state === 'ready' || state === 'idle').length;
  const enabled = servers.filter(({ state }) => state !== 'disabled').length;
  return [
    '',
    `${style.bold(`Sekisho ${version}`)}  ${style.cyan(url)}`,
    `${up} of ${enabled} servers ready after ${(elapsedMs / 1000).toFixed(1)} s, from ${configFile}`,
    '',
    ...renderServers(options),
    ...renderRefused(options),
    ...renderWrong(servers, terminal),
    ...renderWarnings(options),
    ...renderConnect(options),
    ...renderBoxes(servers, options.program, style),
    style.dim('Ctrl-C stops. A change of the configuration is taken over at once.'),
    '',
  ].join('\n');
}

function renderServers({ servers, url, terminal }: ScreenOptions): string[] {
  if (servers.length === 0)
    return ['  The configuration lists no servers. Add one under "mcpServers"; it is started at once.', ''];
  const rows = servers.map((server) => ({
    server,
    name: oneLine(server.name, 40),
    what:
      server.state === 'ready' || server.state === 'idle'
        ? describeCounts(server) || describeState(server)
        : shortState(server),
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  const widthOfWhat = Math.max(...rows.map(({ what }) => what.length));
  return [
    ...rows.map(({ server, name, what }) =>
      `  ${mark(server, terminal)} ${name.padEnd(width)}  ${what.padEnd(widthOfWhat)}  ${terminal.style.dim(describeEra(server))}`.trimEnd(),
    ),
    `    ${terminal.style.dim(`each also alone at ${url}/<name>`)}`,
    '',
  ];
}

function shortState(server: ServerView): string {
  if (server.state === 'disabled') return 'switched off';
  return isSettled(server) ? 'did not come up' : 'still starting';
}

function renderWrong(servers: readonly ServerView[], { style }: Terminal): string[] {
  const wrong = servers.flatMap((server) => {
    const remedy = remedyOf(server);
    return remedy === undefined ? [] : [{ server, remedy }];
  });
  if (wrong.length === 0) return [];
  return [
    style.bold('What is wrong'),
    ...wrong.flatMap(({ server: { name, error, state }, remedy }) => [
      `  ${style.red(oneLine(name, 40))}: ${oneLine(error!.message, 400)}`,
      `    ${style.yellow('mend it:')} ${oneLine(remedy, 400)}`,
      ...lastLines(error!.stderrTail).map((line) => `    ${style.dim(`| ${line}`)}`),
      ...(state === 'backoff' ? [`    ${style.dim('It is tried again by and by.')}`] : []),
    ]),
    '',
  ];
}

function lastLines(text: string | undefined): string[] {
  const lines = plainText(text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(-5).map((line) => oneLine(line, 200));
}

function renderRefused({ servers, program, terminal: { style } }: ScreenOptions): string[] {
  const refused = servers.flatMap((server) => server.refused.map((item) => ({ server: server.name, ...item })));
  if (refused.length === 0) return [];
  const lines = refused
    .slice(0, 10)
    .map(
      ({ server, kind, name, reason }) =>
        `  ${oneLine(server, 40)}: ${kind} ${oneLine(name, 80)}: ${oneLine(reason, 200)}`,
    );
  return [
    style.bold('Not shown to clients'),
    ...lines,
    ...(refused.length > 10 ? [`  and ${refused.length - 10} more; see "${program} status"`] : []),
    '',
  ];
}

function renderWarnings({ problems, program, terminal }: ScreenOptions): string[] {
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  if (warnings.length === 0) return [];
  const lines = warnings.slice(0, 8).map(({ server, message, remedy, place }) => {
    const subject = server === undefined ? '' : `${oneLine(server, 40)}: `;
    return `  ${subject}${oneLine(message, 300)}${remedy === undefined ? '' : ` ${oneLine(remedy, 200)}`} ${terminal.style.dim(describePlace(place))}`;
  });
  return [
    terminal.style.bold('To know'),
    ...lines,
    ...(warnings.length > 8 ? [`  and ${warnings.length - 8} more; see "${program} config check"`] : []),
    '',
  ];
}
