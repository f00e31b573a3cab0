export { createAuditLog } from './log.ts';
export { ed25519Signer } from './note/signer.ts';
export { localAuditKeys } from './privacy/audit-keys.ts';
export { verifyLog } from './verify/verify.ts';
