import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules } from '../src/default-rules.ts';
import { createEngine } from '../src/engine.ts';
import { createMasker } from '../src/masker.ts';
import { memoryTokenStore } from '../src/tokens/store.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
}

const lists = JSON.parse(readFileSync(resolve(import.meta.dirname, 'fixtures/tool-lists.json'), 'utf8')) as Readonly<
  Record<string, readonly { readonly name: string; readonly inputSchema: Schema }[]>
>;
const tools = Object.entries(lists).flatMap(([server, all]) =>
  all.map((tool) => [server, tool.name, tool.inputSchema] as const),
);

const planted = [
  'jane.doe@acme.com',
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  '536-90-4399',
  '+1 415 555 2671',
  'DE89370400440532013000',
  'ghp_016C7e42F292c69C2E7C10c838347Ae178B4',
  '203.0.113.9',
];
const numbers = [4_111_111_111_111_111, 378_282_246_310_005];

/** Arguments that the schema allows, with values of persons in them wherever text or a free number may stand. */
function argumentsFor(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(argumentsFor));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object': {
      const entries = Object.entries(schema.properties ?? {}).map(
        ([name, property]) =>
          [
            name,
            argumentsFor(/id$/iu.test(name) && property.type !== 'string' ? { ...property, minimum: 7 } : property),
          ] as const,
      );
      return fc.record(Object.fromEntries(entries), { requiredKeys: [...(schema.required ?? [])] });
    }
    case 'array':
      return fc.array(argumentsFor(schema.items ?? { type: 'string' }), { maxLength: 3 });
    case 'number':
    case 'integer':
      return schema.maximum === undefined && schema.minimum === undefined
        ? fc.constantFrom(...numbers, 1, 42)
        : fc.constant(schema.minimum ?? schema.maximum);
    case 'boolean':
      return fc.boolean();
    default:
      return fc.oneof(
        fc.constantFrom(...planted),
        fc
          .tuple(
            fc.constantFrom('ask ', 'a "quote" of ', 'line\n', 'é🙂 '),
            fc.constantFrom(...planted),
            fc.constantFrom('', ' please', '\t!'),
          )
          .map((parts) => parts.join('')),
        fc.constant('plain text'),
      );
  }
}

/** Structure of a value: what a schema of types, enumerations and lengths can see of it. */
const shape = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shape)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shape(one)]))
      : typeof value;

const engine = createEngine({ rules: allRules });
const now = (): number => 1e12;

describe.each(['self-describing', 'look-alike'] as const)('%s tokens', (style) => {
  it.each(tools)('%s %s: masked toward the model, restored toward the tool', (server, name, schema) => {
    expect(schema.type).toBe('object');
    fc.assert(
      fc.property(argumentsFor(schema), (value) => {
        const masker = createMasker({
          engine,
          tokens: { keys: [{ id: 1, secret: Buffer.alloc(32, 1) }], style, store: memoryTokenStore({ now }), now },
          policy: { otherwise: 'tokenize', restore: [{ server }] },
        });
        const scope = { tenant: 't', principal: 'p' };
        const original = JSON.stringify(value);
        const masked = masker.maskJson(original, { direction: 'to-model', server, tool: name, ...scope }).text;
        for (const one of [...planted, ...numbers.map(String)]) expect(masked).not.toContain(one);
        expect(shape(JSON.parse(masked))).toEqual(shape(value));
        // The model reads the JSON and writes it anew.
        const passed = JSON.stringify(JSON.parse(masked));
        expect(masker.restoreJson(passed, { direction: 'to-tool', server, tool: name, ...scope }).text).toBe(original);
        const other = masker.restoreJson(passed, { direction: 'to-tool', server: 'other', tool: name, ...scope });
        expect(other.text).toBe(passed);
        for (const event of other.events) expect(event.outcome).toBe('refused');
      }),
      { numRuns: 15, seed: 9 },
    );
  });
});
