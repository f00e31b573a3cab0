import type { ItemKind } from '../catalogue/item.ts';
import { OpenError } from './failure.ts';
import type { UpstreamFailure } from './failure.ts';
import { KINDS, serverInfoOf } from './items.ts';
import type { ItemLists } from './items.ts';
import type { Opened } from './peer.ts';
import type { RefusedItem, UpstreamProblem, UpstreamSpec, UpstreamState, UpstreamStatus } from './spec.ts';

export interface StatusFacts {
  readonly spec: UpstreamSpec;
  readonly lists: ItemLists;
  readonly opened: Opened | undefined;
  readonly collisions: readonly RefusedItem[];
  readonly state: UpstreamState;
  readonly problem: UpstreamProblem | undefined;
  readonly pid: number | undefined;
  readonly sinceMs: number;
  readonly restarts: number;
}

/** An upstream as its operator sees it. */
export function statusOf({
  spec,
  lists,
  opened,
  collisions,
  problem,
  pid,
  state,
  sinceMs,
  restarts,
}: StatusFacts): UpstreamStatus {
  const info = serverInfoOf(opened?.serverInfo);
  const count = (kind: ItemKind) => lists[kind].items.length;
  return {
    name: spec.name,
    kind: spec.kind,
    state,
    ...(opened ? { era: opened.era, revision: opened.revision } : {}),
    ...(info ? { serverInfo: info } : {}),
    counts: {
      tools: count('tool'),
      prompts: count('prompt'),
      resources: count('resource'),
      templates: count('template'),
    },
    ...(problem ? { error: problem } : {}),
    ...(pid === undefined ? {} : { pid }),
    sinceMs,
    restarts,
    refused: [...KINDS.flatMap((kind) => lists[kind].refused), ...collisions],
  };
}

/** What an error means for the operator. */
export function problemOf(error: unknown, stderrTail: string | undefined): UpstreamProblem {
  const { code, remedy } = error as { code?: string; remedy?: string };
  return {
    code: typeof code === 'string' ? code : 'ERR_UPSTREAM_START',
    message: error instanceof Error ? error.message : String(error),
    ...(typeof remedy === 'string' ? { remedy } : {}),
    ...(stderrTail ? { stderrTail } : {}),
  };
}

/** The same of a connection that was lost, with what is known of its process. */
export function problemOfLoss(
  { code, detail }: UpstreamFailure,
  connection: { stderrTail(): string; remedy?(): string | undefined } | undefined,
): UpstreamProblem {
  const remedy = connection?.remedy?.();
  return problemOf(new OpenError(code, detail, { remedy }), connection?.stderrTail());
}
