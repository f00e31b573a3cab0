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
