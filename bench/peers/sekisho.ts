// Sekisho as a library, with nothing but the routing of its core.
import { createServer } from 'node:http';
import { createGateway, fileMemory } from '@sekisho/core';
import { givenUpstreams, serveMeasured } from './control.ts';

const [, , , memoryFolder] = process.argv;
const gateway = createGateway({
  // The program remembers servers between runs; a library has to be told where.
  ...(memoryFolder === undefined ? {} : { memory: fileMemory(memoryFolder) }),
  upstreams: givenUpstreams().map((upstream) =>
    upstream.kind === 'http'
      ? { name: upstream.name, kind: 'http', url: upstream.url, transport: 'streamable-http', headers: {} }
      : { name: upstream.name, kind: 'stdio', command: upstream.command, args: upstream.args, env: {} },
  ),
});
serveMeasured(createServer((req, res) => gateway.listener(req, res)));
