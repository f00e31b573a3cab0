import { changeMembers, classify, errorText, isFault, readMessage, readText } from '@sekisho/protocol';

const bytes = new TextEncoder().encode(
  '{"jsonrpc":"2.0","id":12345678901234567890,"method":"tools/call","params":{"name":"add","big":9007199254740993}}',
);
const text = readText(bytes);
const message = typeof text === 'string' ? readMessage(text, { maxDepth: 100 }) : text;
if (isFault(message)) {
  console.log(message.status, errorText(message.idText, message.code, message.message));
} else if (message.kind === 'request') {
  const era = classify(message);
  const params = changeMembers(message.text, message.paramsMembers, { name: '"other_add"' });
  console.log(isFault(era) ? era.reason : era.kind, message.idText, params);
}
