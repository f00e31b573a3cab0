import type { ProcessStarter, UpstreamSpec } from '@sekisho/core';
import type { ConfiguredServer, LoadedConfig } from './config/load.ts';
import { toRoutingName } from './config/server-name.ts';

/** No configuration can hold this: a NUL is refused in every value. */
const notStartable = '\0not startable';

class BrokenServerError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;
  /** Only a change of the configuration helps, so it is not tried again. */
  readonly permanent = true;

  constructor([code, message, remedy]: readonly string[]) {
    super(message ?? 'The entry of this server cannot be used.');
    this.name = 'BrokenServerError';
    this.code = code ?? 'ERR_CONFIG_SERVER';
    this.remedy = remedy;
  }
}

/**
 * The servers for the gateway. One whose entry is broken takes its place among them and fails to start with the reason:
 * so it stands in the status of every list, and a client that asks for it is told, instead of seeing a shorter list.
 */
export function gatewaySpecs(config: LoadedConfig): UpstreamSpec[] {
  return config.servers.map((server) => server.spec ?? placeholder(server));
}

/** Starts processes, except for those placeholders. */
export function brokenServerStarter(starter: ProcessStarter): ProcessStarter {
  return {
    start(spec, signal) {
      if (spec.command === notStartable) throw new BrokenServerError(spec.args);
      return starter.start(spec, signal);
    },
  };
}

function placeholder({ name, problems }: ConfiguredServer): UpstreamSpec {
  const first = problems.find(({ severity }) => severity === 'error');
  // The reason is part of the specification, so that a new reason counts as a change.
  const reason =
    first === undefined ? [] : [first.code, first.message, ...(first.remedy === undefined ? [] : [first.remedy])];
  return { name: toRoutingName(name), kind: 'stdio', command: notStartable, args: reason, env: {} };
}
