/** What both lines of the official SDK can do, under one set of names, so that one list of tests serves them all. */
export interface Peer {
  readonly era: 'modern' | 'legacy';
  listTools(): Promise<readonly Named[]>;
  /** Pages of the list one by one, each as the names it holds. */
  toolPages(): Promise<readonly (readonly string[])[]>;
  callTool(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>;
  listPrompts(): Promise<readonly Named[]>;
  getPrompt(name: string, args?: Record<string, string>): Promise<{ readonly messages: readonly PromptMessage[] }>;
  listResources(): Promise<readonly (Named & { readonly uri: string })[]>;
  listTemplates(): Promise<readonly (Named & { readonly uriTemplate: string })[]>;
  readResource(uri: string): Promise<{ readonly contents: readonly Contents[] }>;
  complete(ref: Reference, argument: Argument, context?: Record<string, string>): Promise<readonly string[]>;
  /** Logs at this level and above from now on (legacy), or with each call (modern). */
  setLogLevel(level: 'debug' | 'info' | 'error'): Promise<void>;
  /** Starts the stream for what the server says of its own accord; legacy peers have it already. */
  listen(filter: ListenFilter): Promise<() => Promise<void>>;
  /** Everything that arrived of its own accord so far, oldest first. */
  readonly notifications: readonly { readonly method: string; readonly params: Record<string, unknown> }[];
  /** `ping` of the legacy era; `server/discover` of the modern one. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly onProgress?: (progress: number) => void;
  readonly signal?: AbortSignal;
}

export interface Named {
  readonly name: string;
}

export interface Contents {
  readonly uri: string;
  readonly text?: string;
  readonly blob?: string;
}

export interface Block {
  readonly type: string;
  readonly text?: string;
  readonly uri?: string;
  readonly mimeType?: string;
  readonly resource?: Contents;
}

export interface ToolResult {
  readonly content: readonly Block[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
}

export interface PromptMessage {
  readonly role: string;
  readonly content: Block;
}

export type Reference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string };

export interface Argument {
  readonly name: string;
  readonly value: string;
}

export interface ListenFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: string[];
}

/** Where a peer connects to. */
export type Target =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'stdio'; readonly command: string; readonly args: readonly string[] };

/** What every SDK may hear without having asked by a call. */
export const HEARD = [
  'notifications/message',
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
] as const;
