import { changeMembers, classify, isFault, objectMembers, readMessage, readText } from '@sekisho/protocol';

/** What may come of bytes: a fault with a status, or a message whose parts lie where they are said to. Never an exception. */
export const target = {
  name: 'message',
  dictionary: [
    '"method":',
    '"id":',
    '"params":',
    '"jsonrpc":"2.0"',
    '\\u0000',
    '\\ud83d',
    '__proto__',
    '1e309',
    '-0',
    '"_meta":{',
    '[',
    '\ufeff',
  ],
  seeds: [
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"b":[1,2,{"c":null}]}}}',
    '{"jsonrpc":"2.0","id":"x","result":{"content":[]}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no","data":{}}}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}',
    '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
  ],
  run(bytes: Buffer): void {
    const text = readText(bytes);
    if (typeof text !== 'string') return checkFault(text.status);
    const message = readMessage(text, { maxDepth: 100 });
    if (isFault(message)) return checkFault(message.status);
    const whole: unknown = JSON.parse(Buffer.from(text, 'latin1').toString('utf8') === '' ? 'null' : text);
    if (typeof whole !== 'object' || whole === null) throw new Error('a message that is no object was taken');
    const era = classify(message);
    if (isFault(era)) checkFault(era.status);
    if (message.kind !== 'request') return undefined;
    const changed = changeMembers(message.text, message.paramsMembers, { name: '"other"' });
    if ((JSON.parse(changed) as { name?: unknown }).name !== 'other') throw new Error('a change was not made');
    for (const member of objectMembers(changed, 0) ?? []) JSON.parse(changed.slice(member.start, member.end));
    return undefined;
  },
};

function checkFault(status: number): undefined {
  if (!(status >= 200 && status < 600)) throw new Error(`a fault with the status ${status}`);
  return undefined;
}
