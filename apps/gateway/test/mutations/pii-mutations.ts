import type { Mutation } from './felt.ts';

const COMPOSE = 'gateway/src/compose.ts';
const MOUNT = 'gateway/src/mount/pii.ts';
const FILTER = 'gateway/src/mount/pii-filter.ts';
const MASKERS = 'gateway/src/mount/pii-maskers.ts';
const LOG = 'gateway/src/cli/log.ts';
const CALL = 'core/src/call.ts';
const PIPELINE = 'core/src/pipeline.ts';
const PASS = 'core/src/questions/pass.ts';
const PUT = 'core/src/questions/put.ts';
const RELAY = 'core/src/parked/relay.ts';
const LISTS = 'core/src/catalogue/lists.ts';

const row = (probe: string, file: string, from: string, to: string): Mutation => ({ probe, file, from, to });
const FILTERS = 'filters: [masking.inbound, checks.arguments, checks.results, masking.outbound]';

export const mutations: readonly Mutation[] = [
  row('result', COMPOSE, FILTERS, FILTERS.replace(', masking.outbound', '')),
  row('arguments', COMPOSE, FILTERS, FILTERS.replace('masking.inbound, ', '')),
  row('reload', COMPOSE, '(await masking.prepare(piiSettings(next)))?.();', ''),
  row('secret', COMPOSE, 'secrets: secrets.exact()', 'secrets: []'),
  row('secretDespiteRules', MASKERS, 'always: ALWAYS,\n  };', '};'),
  row('secretInLists', MOUNT, 'listings: section.descriptions ? masker : plain', 'listings: undefined'),
  row('descriptions', MOUNT, 'listings: section.descriptions ? masker : plain', 'listings: plain'),
  row('result', FILTER, 'if (ENVELOPE.has(key)) continue;', "if (ENVELOPE.has(key) || key === 'result') continue;"),
  row('error', FILTER, 'if (ENVELOPE.has(key)) continue;', "if (ENVELOPE.has(key) || key === 'error') continue;"),
  row('progress', FILTER, 'if (ENVELOPE.has(key)) continue;', "if (ENVELOPE.has(key) || key === 'params') continue;"),
  row('large', FILTER, 'if (body.length > masking.maxScan) return tooLarge(masking);', ''),
  row('block', FILTER, "if (action === 'block') blocking.add(label);", ''),
  row('token', FILTER, 'if (masking.restores) {', 'if (false) {'),
  row(
    'tokenOfAnotherTool',
    FILTER,
    "if (target.kind === 'tool' && target.name !== undefined) where.tool = target.name;",
    "where.tool = 'say';",
  ),
  row(
    'tokenOfAnother',
    FILTER,
    'const where: { -readonly [Key in keyof Where]: Where[Key] } = { direction, principal: principal.id };',
    "const where: { -readonly [Key in keyof Where]: Where[Key] } = { direction, principal: 'all' };",
  ),
  row('result', CALL, '    if (this.#context.ports.looksOutward) {', '    if (false) {'),
  row('progress', CALL, 'if (!this.#context.ports.looksOutward) return this.#send(text);', 'return this.#send(text);'),
  row(
    'largeAnswer',
    CALL,
    '    const changed = this.#context.ports.looksOutward\n      ? undefined\n      : ',
    '    const changed = ',
  ),
  row('completion', PIPELINE, "if (method.kind !== 'completion') return raw('arguments');", "return raw('arguments');"),
  row(
    'arguments',
    PIPELINE,
    'const result = await filter.inbound(text, filterContext(x, target));',
    'const result = text;',
  ),
  row(
    'question',
    PASS,
    "const cleaned = await passed.clean(question.params, 'outbound');",
    'const cleaned = question.params;',
  ),
  row('answer', PASS, "const cleaned = await this.clean(result, 'inbound');", 'const cleaned = result;'),
  row('refusedQuestion', PUT, "return await passed.clean(text, 'inbound');", 'return text;'),
  row('besideQuestions', RELAY, 'if (!context.ports.looksOutward) return', 'return'),
  row(
    'lists',
    LISTS,
    'cleanListed(options.filters, forEra(',
    '((_filters: unknown, text: string, _about: unknown) => text)(options.filters, forEra(',
  ),
  row(
    'instructions',
    'core/src/discovery.ts',
    'export function discovery(view: View, context: GatewayContext): string {\n  const instructions = instructionsOf(view, context.ports.filters);',
    'export function discovery(view: View, context: GatewayContext): string {\n  const instructions = instructionsOf(view, []);',
  ),
  row('log', LOG, 'destination.write(secrets.mask(line));', 'stream.write(line);'),
];
