/** What the gateway is asked to stand in front of: one entry of a configuration file, complete, checked and expanded. */
export type { HttpSpec, StdioSpec, UpstreamSpec, UpstreamStatus } from '@sekisho/core';
