/** What the gateway is asked to stand in front of: one entry of a configuration file, complete, checked and expanded. */
export type UpstreamSpec = {
  readonly name: string;
  readonly enabled?: boolean;
  readonly instructions?: boolean;
  readonly tools?: { readonly include?: string[]; readonly exclude?: string[] };
  readonly timeouts?: { readonly startMs?: number; readonly callMs?: number; readonly idleMs?: number };
} & (StdioLaunch | HttpLaunch);

export type StdioLaunch = {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: string[];
  /** The whole environment of the child, not an addition to ours. */
  readonly env: Record<string, string>;
  readonly cwd?: string;
};

export type HttpLaunch = {
  readonly kind: 'http';
  readonly url: string;
  readonly transport: 'auto' | 'streamable-http' | 'sse';
  readonly headers: Record<string, string>;
};

export type UpstreamStatus = {
  readonly name: string;
  readonly kind: 'stdio' | 'http';
  readonly state: 'stopped' | 'starting' | 'ready' | 'idle' | 'backoff' | 'failed' | 'disabled';
  readonly era?: 'modern' | 'legacy';
  readonly revision?: string;
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly counts?: {
    readonly tools: number;
    readonly prompts: number;
    readonly resources: number;
    readonly templates: number;
  };
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly remedy?: string;
    readonly stderrTail?: string;
  };
  readonly pid?: number;
  readonly sinceMs: number;
  readonly restarts: number;
  readonly refused: readonly {
    readonly kind: 'tool' | 'prompt' | 'resource' | 'template';
    readonly name: string;
    readonly reason: string;
  }[];
};

export type GatewayStatus = {
  readonly upstreams: readonly UpstreamStatus[];
  readonly sessions: number;
  readonly parkedCalls: number;
  readonly catalogueVersion: number;
};
