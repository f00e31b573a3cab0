import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { allRules } from './default-rules.ts';
import { createMasker } from './masker.ts';
import { maskingDestination, maskingHooks } from './pino.ts';

const masker = createMasker({ rules: allRules });
const key = 'ghp_016C7e42F292c69C2E7C10c838347Ae178B4';

class Boom extends Error {
  readonly token = key;
}

describe('pino', () => {
  const logWith = (write: (log: ReturnType<typeof pino>) => void): string => {
    let out = '';
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        out += chunk.toString();
        done();
      },
    });
    write(pino(maskingHooks(masker), sink));
    return out;
  };

  it('masks whatever is logged, wherever it stands', () => {
    const circular: Record<string, unknown> = { key };
    circular['self'] = circular;
    const out = logWith((log) => {
      log.info(`plain ${key}`);
      log.info({ deep: { list: [{ password: 'correct horse battery' }, key] }, [key]: 1 }, 'msg %s', key);
      log.child({ bound: key }).warn('child');
      log.error(new Boom(`failed with ${key}`, { cause: new Error(key) }));
      log.info(circular);
      log.info({
        headers: { authorization: `Bearer ${key}`, cookie: 'session=RUJfaV6p8fYGeleBeR3WnyrohJPEaPTJ' },
        email: 'jane@acme.com',
        card: 4111111111111111,
      });
      log.info({ toJSON: () => ({ hidden: key }) });
      log.info({ url: `https://u:${key}@host/x?access_token=${key}` });
    });
    expect(out.split('\n').filter(Boolean)).toHaveLength(8);
    for (const line of out.split('\n').filter(Boolean)) expect(() => JSON.parse(line) as unknown).not.toThrow();
    for (const secret of [
      key,
      'correct horse',
      'RUJfaV6p8fYGeleBeR3WnyrohJPEaPTJ',
      'jane@acme.com',
      '4111111111111111',
    ])
      expect(out).not.toContain(secret);
  });

  it('leaves a clean line byte for byte', () => {
    const lines: string[] = [];
    const destination = maskingDestination(masker, { write: (line) => lines.push(line) });
    const line = '{"level":30, "time":1732350000000,"msg":"all is well \\u00e9"}\n';
    destination.write(line);
    expect(lines).toEqual([line]);
  });

  it('drops a line that it cannot mask rather than the mask', () => {
    const broken = {
      ...masker,
      maskJson: () => {
        throw new Error(key);
      },
    };
    const lines: string[] = [];
    maskingDestination(broken, { write: (line) => lines.push(line) }).write(`{"msg":"${key}"}\n`);
    expect(lines.join('')).not.toContain(key);
    expect(() => JSON.parse(lines.join('')) as unknown).not.toThrow();
  });
});
