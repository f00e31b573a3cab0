import type { Filter, FilterContext, Log, Refusal } from '@sekisho/core';
import type { SchemaCheck } from './schema-check.ts';
import type { Unusable } from './schema-bounds.ts';
import { createToolSchemas } from './tool-schemas.ts';

export type CheckMode = 'off' | 'warn' | 'enforce';

export interface ContentCheckOptions {
  /** What comes of arguments that do not fit the tool's `inputSchema`. */
  readonly arguments: CheckMode;
  /** What comes of results that do not fit the tool's `outputSchema`. */
  readonly results: CheckMode;
  readonly log: Log;
}

/**
 * Two filters that hold calls against the schemas that the tool's server itself published: `arguments` goes last before the
 * server, since it judges what the server gets; `results` goes first after it, since it judges what the server said.
 * A schema that cannot be used (see {@link compileSchema}) is told in the log; enforced, its tool cannot be called.
 */
export function createContentChecks(options: ContentCheckOptions): {
  readonly arguments: Filter | undefined;
  readonly results: Filter | undefined;
} {
  const { log } = options;
  const schemasOf = createToolSchemas();
  const judge = (
    mode: CheckMode,
    what: 'arguments' | 'results',
    context: FilterContext,
    fault: string,
  ): Refusal | undefined => {
    const { server, name } = context.target;
    log.warn(
      { server, tool: name, what, fault, enforced: mode === 'enforce' },
      'content does not fit the schema of its tool',
    );
    if (mode !== 'enforce') return undefined;
    return what === 'arguments'
      ? { refused: 'invalid-arguments', detail: fault, explanation: `${fault}.` }
      : {
          refused: 'content',
          detail: fault,
          explanation: `The result does not fit the output schema of the tool: ${fault}.`,
        };
  };
  const applies = ({ target }: FilterContext): string | undefined =>
    target.method === 'tools/call' ? target.definition : undefined;

  return {
    arguments:
      options.arguments === 'off'
        ? undefined
        : {
            inbound: (args, context) => {
              const definition = applies(context);
              const check = definition === undefined ? undefined : schemasOf(definition).input;
              const fault = check === undefined ? undefined : faultOf(check, () => JSON.parse(args));
              return fault === undefined ? args : (judge(options.arguments, 'arguments', context, fault) ?? args);
            },
          },
    results:
      options.results === 'off'
        ? undefined
        : {
            outbound: (body, context) => {
              const definition = applies(context);
              const check = definition === undefined ? undefined : schemasOf(definition).output;
              const fault = check === undefined ? undefined : faultOfResult(check, body);
              return fault === undefined ? body : (judge(options.results, 'results', context, fault) ?? body);
            },
          },
  };
}

function faultOf(check: SchemaCheck | Unusable, value: () => unknown): string | undefined {
  return typeof check === 'string' ? `the schema cannot be used: ${check}` : check(value());
}

/** Only a finished, successful result has structured content to judge (MCP 2025-11-25, server/tools, "Structured Content"). */
function faultOfResult(check: SchemaCheck | Unusable, body: string): string | undefined {
  const { result } = JSON.parse(body) as { result?: Record<string, unknown> };
  if (result === undefined || result['isError'] === true) return undefined;
  if (result['resultType'] !== undefined && result['resultType'] !== 'complete') return undefined;
  if (!Object.hasOwn(result, 'structuredContent')) return 'the structured content is missing';
  return faultOf(check, () => result['structuredContent']);
}
