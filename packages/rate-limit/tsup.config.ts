import { defineConfig } from 'tsup';

export default defineConfig({
  entry: [
    'src/index.ts',
    'src/redis/index.ts',
    'src/sqlite.ts',
    'src/http/hono.ts',
    'src/http/express.ts',
    'src/http/fastify.ts',
    'src/config.ts',
    'src/testing/index.ts',
  ],
  format: 'esm',
  target: 'node22',
  dts: false,
  clean: true,
  sourcemap: true,
});
