import type { Mutation } from './felt.ts';

const PIPELINE = 'core/src/pipeline.ts';
const DECIDED = 'core/src/decided.ts';
const LISTS = 'core/src/catalogue/lists.ts';
const LISTEN = 'core/src/client/listen.ts';
const NEWS = 'core/src/client/subscribers.ts';
const PASS = 'core/src/questions/pass.ts';
const HTTP = 'core/src/edge/http-edge.ts';
const LEGACY = 'core/src/edge/legacy-edge.ts';
const FRONT = 'core/src/edge/front.ts';
const RESPOND = 'core/src/respond.ts';
const COMPOSE = 'gateway/src/compose.ts';
const MOUNT = 'gateway/src/mount/policy.ts';

const row = (probe: string, file: string, from: string, to: string): Mutation => ({ probe, file, from, to });

/** The question whether a request may be made, not asked for one kind of method. */
const unasked = (probe: string, kind: string): Mutation =>
  row(
    probe,
    DECIDED,
    'return ports.decide(x.principal, target, x.credentials.remoteAddress, x.entry?.noted);',
    `return x.method.kind === '${kind}' ? undefined : ports.decide(x.principal, target, x.credentials.remoteAddress, x.entry?.noted);`,
  );

export const mutations: readonly Mutation[] = [
  unasked('call', 'tool'),
  unasked('prompt', 'prompt'),
  unasked('read', 'resource'),
  unasked('completion', 'completion'),
  unasked('subscribe', 'subscription'),
  unasked('scope', 'tool'),
  row('call', PIPELINE, 'let denied = decided(x, target, ports);', 'let denied = undefined;'),
  // A hidden resource that is answered otherwise than one that is not there.
  row('readNowhere', PIPELINE, '(denied && isHiding(denied))', 'false'),
  row(
    'headers',
    PIPELINE,
    'let denied = decided(x, target, ports);',
    'const early = disagreement(x, place); if (early) return await refuseFault(x, early, finish, context); let denied = decided(x, target, ports);',
  ),
  row('scope', PIPELINE, 'challenged(x, denied, ports)', 'denied'),
  row('tools', LISTS, 'flags[i] === true', 'true'),
  row('resources', LISTS, 'flags[i] === true', 'true'),
  row('listen', LISTEN, 'if (isRefusal(verdict)) return;', ''),
  row('changed', NEWS, 'if (!seen.includes(true) || told.has(news)) return;', 'if (told.has(news)) return;'),
  row('updated', NEWS, 'if (!isRefusal(refusal)) subscriber.updated(uri);', 'subscriber.updated(uri);'),
  row('question', PASS, 'if (denied) return await passed.refuse(denied);', ''),
  row('inputRequired', PASS, 'if (denied) return await passed.refuse(denied);', ''),
  row('endpoint', HTTP, 'this.#isHidden(endpoint, who)', 'false'),
  row('states', RESPOND, 'viewFor(x.endpoint.view, x.principal, context.ports.knows)', 'x.endpoint.view'),
  row('instructions', FRONT, 'viewFor(endpoint.view, principal, context.ports.knows)', 'endpoint.view'),
  row('instructions', LEGACY, 'viewFor(endpoint.view, principal, this.#context.ports.knows)', 'endpoint.view'),
  row('initialize', LEGACY, 'refusal ? refuse(http, refusal, message.idText)', 'false ? undefined'),
  row('levels', RESPOND, 'allowed.flatMap(', 'x.view.upstreams.flatMap('),
  row(
    'composed',
    COMPOSE,
    'policy.ports',
    "{ decide: () => undefined, sees: (_who, targets) => targets.map(() => true), knows: () => true, viewKey: () => '' }",
  ),
  row('reload', COMPOSE, 'await gateway.changeRules(swap);', ''),
  row('composed', MOUNT, 'current.rules.decide(principal, target, address, note)', 'undefined'),
  row('composed', MOUNT, 'current.rules.sees(principal, targets, address)', 'targets.map(() => true)'),
  row('states', MOUNT, 'current.rules.knows(principal, server)', 'true'),
  row('closed', MOUNT, 'section === undefined && !asksWhoCalls', 'section === undefined'),
  row('ownerAlone', MOUNT, "(kind === 'apikey' && roles.length === 0) ? ['owner'] : []", "true ? ['owner'] : []"),
  row('ownerAlone', MOUNT, ', rolesOf: ownersRoles', ''),
];
