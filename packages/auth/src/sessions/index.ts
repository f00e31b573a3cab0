export { createLoginStates, type LoginStates, type LoginStatesOptions } from './login-state.ts';
export type { CsrfRequest } from './csrf.ts';
export { memorySessionStore, type SessionRecord, type SessionStore } from './session-store.ts';
export type { SessionKeyRing } from './session-token.ts';
export {
  createSessions,
  type IssuedSession,
  type Session,
  type SessionReading,
  type Sessions,
  type SessionsOptions,
} from './sessions.ts';
