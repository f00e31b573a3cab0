import type { Principal } from '../ports.ts';
import type { StateSeal } from '../parked/seal.ts';

/** A task of a server as the gateway knows it. */
export interface OwnTask {
  /** The configured name of the server. */
  readonly server: string;
  /** The server's own id of it. */
  readonly task: string;
  /** The tool that made it, by its server's name. */
  readonly tool: string;
}

/** Longer ids are none of ours: a server's own id has its bound here as well, in characters. */
const MAX_TASK_ID = 4_096;

/** What a task's id is bound to: whoever else brings it has an id that does not open. */
function bindingOf({ id, tenant }: Principal): string {
  return JSON.stringify(['task', id, tenant ?? null]);
}

/**
 * The id under which a client knows a task: the server and its own id, sealed for this principal (ext-tasks: "Servers MUST
 * authorize every task request"). Nothing is kept of it, so it is good as long as the server knows the task and the key of
 * `parked` is the same. Each call gives another text for one task.
 */
export function sealTask(seal: StateSeal, principal: Principal, { server, task, tool }: OwnTask): string {
  return seal.seal({ kind: 'task', server, task, tool }, bindingOf(principal));
}

/** The task behind an id; undefined for what was not given to this principal. */
export function openTask(seal: StateSeal, principal: Principal, id: unknown): OwnTask | undefined {
  if (typeof id !== 'string' || id.length > MAX_TASK_ID) return undefined;
  const state = seal.open(id, bindingOf(principal));
  return state?.kind === 'task' ? state : undefined;
}
