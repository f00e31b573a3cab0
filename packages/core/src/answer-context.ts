import type { Era } from '@sekisho/protocol';
import type { Naming } from './names.ts';

/** What has to be known to turn a server's answer into the client's. */
export interface AnswerContext {
  readonly method: string;
  readonly idText: string;
  readonly clientEra: Era;
  readonly upstreamEra: Era;
  readonly server: string;
  readonly naming: Naming;
  /** The method's complete result carries caching hints in the modern era. */
  readonly cacheable: boolean;
  /** The method may answer `input_required`. */
  readonly interactive: boolean;
  /** The tool's output schema was wrapped for legacy clients. */
  readonly wrapsOutput: boolean;
  /** The gateway's identity, raw JSON. */
  readonly serverInfo: string;
  /** What the client declared, for errors about capabilities. */
  readonly clientCapabilities: Readonly<Record<string, unknown>>;
  /** The URI the client asked for, in its own form. */
  readonly publicUri: string | undefined;
  /** With the methods of tasks: the id by which the client knows the task. */
  readonly taskId: string | undefined;
  /** The id under which the client will know a task that this call made; undefined where it may not make one. */
  readonly sealTask: (own: string) => string | undefined;
}

export interface Answer {
  /** The message for the client, a binary string. */
  readonly text: string;
  /** JSON-RPC error code, or undefined for a result. */
  readonly code: number | undefined;
}
