export { createSandbox, type BoxedChild, type Sandbox, type SandboxOptions } from './create-sandbox.ts';
export type { BoxExit, EndReason, SandboxedChild } from './child.ts';
export type { BoxPlan, BoxSpec } from './plan.ts';
export type { BrokerRule, SandboxLimits, SandboxProfile, SecretReference } from './profile/profile.ts';
export type { Attestation, ProbeResult } from './probe/attest.ts';
export type { BackendReport, Enforcement, EnforcementTable, Permission, SandboxBackend } from './backends/backend.ts';
export { bubblewrapBackend, type BubblewrapOptions } from './backends/bubblewrap.ts';
export { noBackend, NO_BOX_SENTENCE, RUN_WITHOUT_BOX } from './backends/none.ts';
export type { BoxIdentity } from './bubblewrap/identity.ts';
export {
  type BoxEvent,
  type ConnectionEvent,
  describeRefusal,
  type LimitEvent,
  type NetworkRefusal,
  type PlaceholderEvent,
  type RefusedEvent,
} from './network/events.ts';
export type { Lookup } from './network/resolve.ts';
export type { SecretSource } from './secrets.ts';
export { SandboxError, type SandboxErrorCode } from './errors.ts';
export { preparePackage, approvePackage, type InstallOptions, type Prepared } from './install/install.ts';
export type { NpmOptions } from './install/npm.ts';
export type { UvOptions } from './install/uv.ts';
export { lockKey, readRunner, type PackageRunner } from './install/runner.ts';
export type { LockEntry, LockFile } from './install/lock-file.ts';
export { diagnose, type Diagnosis, type Failure } from './diagnose.ts';
export { explainBox } from './explain.ts';
export { learn, type Learned, type LearnOptions } from './learn.ts';
export { mergeProfile } from './profile/merge.ts';
export { containerBackend, type ContainerOptions } from './backends/container.ts';
export { seatbeltBackend } from './backends/seatbelt.ts';
