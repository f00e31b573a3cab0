export { classify } from './classify.ts';
export type { Classified } from './classify.ts';
export { fault, isFault } from './faults.ts';
export type { Fault, FaultReason } from './faults.ts';
export { checkParamHeaders, findHeaderParams, makeParamHeaders } from './headers/params.ts';
export type { ArgumentsSource, HeaderParam } from './headers/params.ts';
export { checkStandardHeaders, makeStandardHeaders } from './headers/standard.ts';
export type { HeaderReader } from './headers/standard.ts';
export { decodeHeaderValue, encodeHeaderValue, trimSpace } from './headers/value.ts';
export { asciiText } from './json/ascii.ts';
export { checkJson } from './json/check.ts';
export type { JsonLimits } from './json/check.ts';
export { applyEdits, changeMembers, changeObject } from './json/edit.ts';
export type { Edit, MemberChanges } from './json/edit.ts';
export { readText } from './json/text.ts';
export { arrayElements, findMember, objectMembers, readMembers, skipSpace, stringEnd, valueEnd } from './json/walk.ts';
export type { Member, Span } from './json/walk.ts';
export { readLargeResponse, wholeResponse } from './large-response.ts';
export type { LargeResponse } from './large-response.ts';
export { isObject, readMessage } from './message.ts';
export type {
  BatchMessage,
  JsonObject,
  Message,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from './message.ts';
export { LOG_LEVELS, META, claimOf, isHopKey, isLogLevel, metaOf, reachesLevel } from './meta.ts';
export type { LogLevel } from './meta.ts';
export { findMethod } from './methods.ts';
export type { Method, MethodKind } from './methods.ts';
export { errorText, onOneLine, readResponse, resultText, withChanges, withFront, withId } from './response.ts';
export type { ResponseView } from './response.ts';
export { LEGACY_REVISIONS, MODERN_REVISIONS, REVISIONS, findRevision, isModernDate } from './revisions.ts';
export type { Era, Revision } from './revisions.ts';
