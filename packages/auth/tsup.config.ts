import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    config: 'src/config.ts',
    sdk: 'src/sdk.ts',
    'adapters/fetch': 'src/adapters/fetch.ts',
    'adapters/hono': 'src/adapters/hono.ts',
    'adapters/express': 'src/adapters/express.ts',
    'adapters/fastify': 'src/adapters/fastify.ts',
    'adapters/node': 'src/adapters/node.ts',
    'keys/index': 'src/keys/index.ts',
    'sessions/index': 'src/sessions/index.ts',
    'upstream/index': 'src/upstream/index.ts',
    'client/index': 'src/client/index.ts',
  },
  format: 'esm',
  target: 'node22',
  dts: false,
  clean: true,
  sourcemap: true,
});
