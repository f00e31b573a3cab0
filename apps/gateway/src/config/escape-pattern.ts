/** A text as a pattern that matches just this text. Node 24 has `RegExp.escape`; Node 22, which we support, has not. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
