export { createGateway } from './gateway.ts';
export type { Gateway, GatewayStatus } from './gateway.ts';
export type { ReloadReport, Thing } from './fleet.ts';
export { localOnly } from './options.ts';
export type { GatewayOptions } from './options.ts';
export type { HttpEdgeOptions } from './edge/http-edge.ts';
export type { OriginOptions } from './edge/origin.ts';
export { isRefusal } from './ports.ts';
export type {
  Awaitable,
  Challenge,
  Credentials,
  Decide,
  Enter,
  ExchangeRecord,
  Filter,
  FilterContext,
  HeaderFields,
  Knows,
  Listed,
  Log,
  OpenStream,
  OpenedStream,
  Outcome,
  Permit,
  Principal,
  Facts,
  Recorder,
  RecordedSession,
  Recording,
  Refusal,
  RefusalReason,
  Restrictions,
  Sees,
  Slot,
  SlotEnding,
  Take,
  Target,
  Wait,
} from './ports.ts';
export type { Naming } from './names.ts';
export { ownUri, publicName, publicUri } from './names.ts';
export { fileMemory, volatileMemory } from './upstreams/memory.ts';
export type { Memory, Remembered } from './upstreams/memory.ts';
export type { Identity } from './upstreams/outgoing.ts';
export type {
  HttpSpec,
  RefusedItem,
  StdioSpec,
  UpstreamProblem,
  UpstreamSpec,
  UpstreamState,
  UpstreamStatus,
} from './upstreams/spec.ts';
export { killAllNow, plainProcessStarter } from './upstreams/stdio/plain-process.ts';
export type { ProcessSpec, ProcessStarter, StartedProcess } from './upstreams/stdio/process.ts';
