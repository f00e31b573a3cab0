/** One MCP server behind the gateway, as the operator wrote it. */
export type UpstreamSpec = UpstreamCommon & (StdioSpec | HttpSpec);

interface UpstreamCommon {
  /** Unique among the upstreams; the prefix of its tools and the last part of `/mcp/<name>`. */
  readonly name: string;
  /** Default true. A disabled server is shown in the status and never started. */
  readonly enabled?: boolean;
  /** Whether the server's instructions are passed on. Default true. */
  readonly instructions?: boolean;
  /** Names to show, or to leave out (which wins). A convenience, not policy. Default: all. */
  readonly tools?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  readonly timeouts?: {
    /** From launch to the end of the handshake, milliseconds. Default 60,000; range 100 to 600,000. */
    readonly startMs?: number;
    /** For one call without progress, milliseconds. Default 120,000; range 100 to 3,600,000. */
    readonly callMs?: number;
    /** Stop the process when nothing was asked of it for so long, milliseconds. Default 0: never. */
    readonly idleMs?: number;
  };
}

export interface StdioSpec {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * For the process starter alone, such as what a box allows; handed through unread, as JSON. It is part of the
   * specification: a server whose box changes is another server, and is started anew.
   */
  readonly launch?: Readonly<Record<string, unknown>>;
}

export interface HttpSpec {
  readonly kind: 'http';
  readonly url: string;
  /** `auto` tries Streamable HTTP and falls back to the deprecated HTTP+SSE as the specification says. */
  readonly transport: 'auto' | 'streamable-http' | 'sse';
  readonly headers: Readonly<Record<string, string>>;
}

/** Where an upstream stands. */
export type UpstreamState = 'disabled' | 'stopped' | 'starting' | 'ready' | 'idle' | 'backoff' | 'failed';

/** What is wrong with an upstream, for the operator. */
export interface UpstreamProblem {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly stderrTail?: string;
}

/** A name that two things claim, and who was refused it. */
export interface RefusedItem {
  readonly kind: 'tool' | 'prompt' | 'resource' | 'template';
  readonly name: string;
  readonly reason: string;
}

export interface UpstreamStatus {
  readonly name: string;
  readonly kind: 'stdio' | 'http';
  readonly state: UpstreamState;
  readonly era?: 'modern' | 'legacy';
  readonly revision?: string;
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly counts?: {
    readonly tools: number;
    readonly prompts: number;
    readonly resources: number;
    readonly templates: number;
  };
  readonly error?: UpstreamProblem;
  readonly pid?: number;
  /** When it came into this state, milliseconds since 1970. */
  readonly sinceMs: number;
  readonly restarts: number;
  readonly refused: readonly RefusedItem[];
}
