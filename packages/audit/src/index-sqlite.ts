export { openAuditIndex } from './read/audit-index.ts';
export type { AuditIndex } from './read/audit-index.ts';
