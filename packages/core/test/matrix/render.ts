import { COLUMNS, INTERACTIVE, OTHERS, SITUATIONS, situationsOf, titleOf, type Method } from './cells.ts';

/** What was found, by `<column> | <method> | <situation>`. */
export type Outcomes = Map<string, string>;

const HEAD = `# Any client, any server

Behind Sekisho a client of either era works with a server of either era, also when the server asks something in the middle of a
call. This page is written by the run of [the matrix test](../packages/core/test/matrix): official SDK clients, real servers on
every transport, each situation played. Write it anew with \`node scripts/eras.mjs\`; the test fails where it does not say what
a run finds.

- **modern** is 2026-07-28, **legacy** is 2025-11-25 and before; the deprecated HTTP+SSE transport exists only there.
- **result**: the very result of the server, after its questions were put to the client and answered.
- **cancelled at the server**: the client gave up in the middle, and the server was told in the way of its era.
- An **error** in the table is the honest answer: a server that is gone has no result (\`-31503\`), and who comes back after the
  time for an answer finds no call (\`-32602\`). Where a legacy user does not answer in time the call fails as its method does.
- No run may show a word of one era on a wire of the other: \`input_required\` to a legacy client, reserved \`_meta\` to a legacy
  server. That is part of every play.
- Questions are put by \`tools/call\`, \`prompts/get\` and \`resources/read\`; the specification lets nothing else ask a modern
  client. A question in the middle of a completion is refused to the server.
- HTTP+SSE and stdio do not say to which call a question belongs. Calls that ask have a process (or connection) of their own
  while another asks; a question that could belong to two calls goes to neither.
`;

/** The page, from what a run found. */
export function renderEras(outcomes: Outcomes): string {
  const parts = [HEAD];
  const table = (methods: readonly Method[], situations: readonly string[], title: string) => {
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    parts.push(
      [
        line(['method', ...situations]),
        line(['---', ...situations.map(() => '---')]),
        ...methods.map((method) =>
          line([
            `\`${method}\``,
            ...situations.map((situation) => outcomes.get(`${title} | ${method} | ${situation}`) ?? ''),
          ]),
        ),
      ].join('\n') + '\n',
    );
  };
  for (const column of COLUMNS) {
    const title = titleOf(column);
    parts.push(`## ${title[0]!.toUpperCase()}${title.slice(1)}\n`);
    table(INTERACTIVE, SITUATIONS, title);
    table(OTHERS, situationsOf(OTHERS[0]), title);
  }
  return parts.join('\n');
}
