import { describe, expect, it } from 'vitest';
import { contact } from './contact/index.ts';
import { createEngine } from './engine.ts';
import { findWithEntities } from './entities.ts';

const engine = createEngine({ rules: contact });

describe('findWithEntities', () => {
  it('joins what a model finds with what the rules find', async () => {
    const text = 'Jane Doe <jane@acme.com>';
    const found = await findWithEntities(
      {
        engine,
        entities: {
          find: async () => [
            { start: 0, end: 8, label: 'PERSON', score: 0.9 },
            { start: 9, end: 12, label: 'ORG', score: 0.2 },
          ],
        },
      },
      text,
    );
    expect(found.map((one) => [one.label, text.slice(one.start, one.end)])).toEqual([
      ['PERSON', 'Jane Doe'],
      ['EMAIL', 'jane@acme.com'],
    ]);
  });

  it('fails with its code when the model fails or answers nonsense', async () => {
    await expect(
      findWithEntities({ engine, entities: { find: () => Promise.reject(new Error('out of memory')) } }, 'x'),
    ).rejects.toMatchObject({ code: 'ERR_PII_ENTITY_ENGINE', cause: { message: 'out of memory' } });
    await expect(
      findWithEntities(
        { engine, entities: { find: async () => [{ start: 0, end: 99, label: 'PERSON', score: 1 }] } },
        'x',
      ),
    ).rejects.toMatchObject({ code: 'ERR_PII_ENTITY_ENGINE' });
  });
});
