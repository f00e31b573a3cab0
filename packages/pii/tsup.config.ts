import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    config: 'src/config.ts',
    streams: 'src/streams.ts',
    pino: 'src/pino.ts',
    phones: 'src/phones.ts',
    entities: 'src/entities.ts',
    noren: 'src/noren.ts',
    'format-preserving': 'src/format-preserving.ts',
    'contact/index': 'src/contact/index.ts',
    'payment/index': 'src/payment/index.ts',
    'government/index': 'src/government/index.ts',
    'network/index': 'src/network/index.ts',
    'secrets/index': 'src/secrets/index.ts',
    'person/index': 'src/person/index.ts',
  },
  format: 'esm',
  target: 'node22',
  dts: false,
  clean: true,
  sourcemap: true,
});
