/** What a server may be called: it becomes part of tool names and of an address, so the gateway takes no other. */
const pattern = /^[A-Za-z0-9](?:[A-Za-z0-9 ._@/+-]{0,62}[A-Za-z0-9])?$/;

/** Why a name cannot be used, or undefined. */
export function findNameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'A server needs a name.';
  if (pattern.test(name)) return undefined;
  return 'The name of a server is 1 to 64 letters (a to z), digits, spaces and . _ @ / + -, with a letter or digit at both ends.';
}
