/** An Express server of its own process: tells its port, and ends when it is told to. */
import express, { type Request } from 'express';
import { decisionOf, expressRateLimit } from '@sekisho/rate-limit/express';
import { idOf, limiterOf, type Kind } from './adapter-setup.ts';

const app = express();
app.use(express.json());
app.use(
  expressRateLimit({
    ...limiterOf(process.argv[2] as Kind),
    subject: (request: Request) => ({ apiKey: request.get('x-key') }),
    jsonRpcId: (request) => idOf(request.body),
  }),
);
app.post('/broken', (_request, response) => void response.status(500).end());
app.post('/', (request, response) => {
  response.set('x-remaining', String(decisionOf(request)?.remaining));
  response.send('served');
});
const server = app.listen(0, '127.0.0.1', () => process.send!(server.address()));
process.once('disconnect', () => process.exit());
