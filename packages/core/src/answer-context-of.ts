import type { AnswerContext } from './answer-context.ts';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { UpstreamPlace } from './locate.ts';
import { TASKS, hasExtension } from './relayable.ts';
import { sealTask } from './tasks/task-id.ts';

/** Made when the answer is there: a server's era may become known only while it starts. */
export function answerContextOf(x: Authenticated, place: UpstreamPlace, context: GatewayContext): AnswerContext {
  const server = place.upstream.spec.name;
  const { params } = x.message;
  return {
    method: x.method.name,
    idText: x.message.idText,
    clientEra: x.caller.era,
    upstreamEra: place.upstream.opened?.era ?? 'legacy',
    server,
    naming: x.view.naming,
    cacheable: x.method.cacheable === true,
    interactive: x.method.interactive === true,
    wrapsOutput: place.item?.wrapsOutput === true,
    serverInfo: context.serverInfo,
    clientCapabilities: x.caller.capabilities,
    publicUri: typeof params?.['uri'] === 'string' ? params['uri'] : undefined,
    taskId: place.task ? (params?.['taskId'] as string) : undefined,
    sealTask: (task) =>
      x.method.kind === 'tool' && hasExtension(x.caller.capabilities, TASKS)
        ? sealTask(context.parked.seal, x.principal, { server, task, tool: place.own })
        : undefined,
  };
}
