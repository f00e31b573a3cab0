/** What the body of an answer is, as far as the framing cares. */
export type BodyKind = 'json' | 'sse' | 'none' | 'other';

/** The media type alone, in small letters, without its parameters. */
function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** Tell from the head what comes. `none`: nothing that could be a message. */
export function bodyKind(status: number, contentType: string | undefined, contentLength: string | undefined): BodyKind {
  if (contentLength === '0' || status === 204 || status === 205 || status === 304) return 'none';
  // The common spellings first: this runs once for each answer.
  if (contentType === 'application/json' || contentType === 'application/json; charset=utf-8') return 'json';
  if (contentType === 'text/event-stream') return 'sse';
  const type = contentType === undefined ? '' : mediaType(contentType);
  if (type === 'application/json') return 'json';
  if (type === 'text/event-stream') return 'sse';
  // "Accepted" as a text under 202 is a courtesy of some frameworks and says nothing more than the status.
  return status === 202 ? 'none' : 'other';
}
