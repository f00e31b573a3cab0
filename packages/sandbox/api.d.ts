// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/sandbox"

export { createSandbox, type BoxedChild, type Sandbox, type SandboxOptions } from './create-sandbox.ts';
export type { BoxExit, EndReason, SandboxedChild } from './child.ts';
export type { BoxPlan, BoxSpec } from './plan.ts';
export type { BrokerRule, SandboxLimits, SandboxProfile, SecretReference } from './profile/profile.ts';
export type { Attestation, ProbeResult } from './probe/attest.ts';
export type { BackendReport, Enforcement, EnforcementTable, Permission, SandboxBackend } from './backends/backend.ts';
export { bubblewrapBackend, type BubblewrapOptions } from './backends/bubblewrap.ts';
export { noBackend, NO_BOX_SENTENCE, RUN_WITHOUT_BOX } from './backends/none.ts';
export type { BoxIdentity } from './bubblewrap/identity.ts';
export { type BoxEvent, type ConnectionEvent, describeRefusal, type LimitEvent, type NetworkRefusal, type PlaceholderEvent, type RefusedEvent, } from './network/events.ts';
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

// dist/config.d.ts, the entry point "@sekisho/sandbox/config"

import { z } from 'zod';
export declare const sandboxProfileSchema: z.ZodObject<{
    filesystem: z.ZodOptional<z.ZodObject<{
        allowRead: z.ZodOptional<z.ZodArray<z.ZodString>>;
        denyRead: z.ZodOptional<z.ZodArray<z.ZodString>>;
        allowWrite: z.ZodOptional<z.ZodArray<z.ZodString>>;
        denyWrite: z.ZodOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>;
    network: z.ZodOptional<z.ZodObject<{
        allowedDomains: z.ZodOptional<z.ZodArray<z.ZodString>>;
        deniedDomains: z.ZodOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>;
    spawn: z.ZodOptional<z.ZodBoolean>;
    unixSockets: z.ZodOptional<z.ZodBoolean>;
    env: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnion<readonly [z.ZodString, z.ZodLiteral<true>, z.ZodObject<{
        secret: z.ZodString;
        broker: z.ZodOptional<z.ZodObject<{
            host: z.ZodString;
            header: z.ZodString;
        }, z.core.$strict>>;
    }, z.core.$strict>]>>>;
    cwd: z.ZodOptional<z.ZodString>;
    limits: z.ZodOptional<z.ZodObject<{
        memoryBytes: z.ZodOptional<z.ZodInt>;
        cpuPercent: z.ZodOptional<z.ZodInt>;
        cpuMs: z.ZodOptional<z.ZodInt>;
        processes: z.ZodOptional<z.ZodInt>;
        openFiles: z.ZodOptional<z.ZodInt>;
        wallMs: z.ZodOptional<z.ZodInt>;
        tmpBytes: z.ZodOptional<z.ZodInt>;
        fileBytes: z.ZodOptional<z.ZodInt>;
        stdoutBytesPerSecond: z.ZodOptional<z.ZodInt>;
    }, z.core.$strict>>;
    enforcement: z.ZodOptional<z.ZodEnum<{
        "best-effort": "best-effort";
        required: "required";
    }>>;
}, z.core.$strict>;
/** `{ "backend": "none", "iUnderstand": "..." }`: no box at all. The sentence has to be there word for word. */
export declare const noBoxSchema: z.ZodObject<{
    backend: z.ZodLiteral<"none">;
    iUnderstand: z.ZodLiteral<"this server can read, change and send everything that I can">;
    env: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnion<readonly [z.ZodString, z.ZodLiteral<true>, z.ZodObject<{
        secret: z.ZodString;
        broker: z.ZodOptional<z.ZodObject<{
            host: z.ZodString;
            header: z.ZodString;
        }, z.core.$strict>>;
    }, z.core.$strict>]>>>;
    cwd: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
export declare const sandboxConfigSchema: z.ZodUnion<readonly [z.ZodObject<{
    filesystem: z.ZodOptional<z.ZodObject<{
        allowRead: z.ZodOptional<z.ZodArray<z.ZodString>>;
        denyRead: z.ZodOptional<z.ZodArray<z.ZodString>>;
        allowWrite: z.ZodOptional<z.ZodArray<z.ZodString>>;
        denyWrite: z.ZodOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>;
    network: z.ZodOptional<z.ZodObject<{
        allowedDomains: z.ZodOptional<z.ZodArray<z.ZodString>>;
        deniedDomains: z.ZodOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>;
    spawn: z.ZodOptional<z.ZodBoolean>;
    unixSockets: z.ZodOptional<z.ZodBoolean>;
    env: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnion<readonly [z.ZodString, z.ZodLiteral<true>, z.ZodObject<{
        secret: z.ZodString;
        broker: z.ZodOptional<z.ZodObject<{
            host: z.ZodString;
            header: z.ZodString;
        }, z.core.$strict>>;
    }, z.core.$strict>]>>>;
    cwd: z.ZodOptional<z.ZodString>;
    limits: z.ZodOptional<z.ZodObject<{
        memoryBytes: z.ZodOptional<z.ZodInt>;
        cpuPercent: z.ZodOptional<z.ZodInt>;
        cpuMs: z.ZodOptional<z.ZodInt>;
        processes: z.ZodOptional<z.ZodInt>;
        openFiles: z.ZodOptional<z.ZodInt>;
        wallMs: z.ZodOptional<z.ZodInt>;
        tmpBytes: z.ZodOptional<z.ZodInt>;
        fileBytes: z.ZodOptional<z.ZodInt>;
        stdoutBytesPerSecond: z.ZodOptional<z.ZodInt>;
    }, z.core.$strict>>;
    enforcement: z.ZodOptional<z.ZodEnum<{
        "best-effort": "best-effort";
        required: "required";
    }>>;
}, z.core.$strict>, z.ZodObject<{
    backend: z.ZodLiteral<"none">;
    iUnderstand: z.ZodLiteral<"this server can read, change and send everything that I can">;
    env: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnion<readonly [z.ZodString, z.ZodLiteral<true>, z.ZodObject<{
        secret: z.ZodString;
        broker: z.ZodOptional<z.ZodObject<{
            host: z.ZodString;
            header: z.ZodString;
        }, z.core.$strict>>;
    }, z.core.$strict>]>>>;
    cwd: z.ZodOptional<z.ZodString>;
}, z.core.$strict>]>;
export type SandboxConfig = z.infer<typeof sandboxConfigSchema>;
/** True where the operator chose to run this server with no box. */
export declare const choosesNoBox: (config: SandboxConfig) => config is z.infer<typeof noBoxSchema>;

// dist/backends/backend.d.ts

import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
/** What a box can promise. */
export type Permission = 'filesystem.read' | 'filesystem.write' | 'network' | 'network.allowedDomains' | 'spawn' | 'environment' | 'processes-hidden' | 'privileges' | 'broker' | 'limits.memoryBytes' | 'limits.cpuPercent' | 'limits.cpuMs' | 'limits.processes' | 'limits.openFiles' | 'limits.wallMs' | 'limits.tmpBytes' | 'limits.fileBytes' | 'limits.stdoutBytesPerSecond' | 'ends-with-gateway';
/** `unverified`: the arguments for it are given and tested, but it was never run on that platform. */
export type Enforcement = 'enforced' | 'not-enforceable' | 'unverified';
export type EnforcementTable = Readonly<Record<Permission, Enforcement>>;
export type BackendReport = {
    usable: true;
    version: string;
} | {
    usable: false;
    reason: string;
    remedy: string;
};
export interface BackendLaunch {
    plan: BoxPlan;
    /** Program and arguments; absolute path first. */
    command: readonly string[];
    environment: Readonly<Record<string, string>>;
    hosts: string;
    files: ReadonlyMap<string, {
        content: string | Buffer;
        mode?: string;
    }>;
    identity: BoxIdentity;
    listeners: ListenerRequest | undefined;
}
export interface Launched {
    child: ChildProcess;
    status: LauncherStatus;
    /** Says when the finished box is about to run the command, which waits for an answer. Absent where the back end cannot tell. */
    gate?: Duplex;
}
/** One way to confine a process. */
export interface SandboxBackend {
    readonly name: 'bubblewrap' | 'seatbelt' | 'container' | 'none';
    readonly enforces: EnforcementTable;
    /** True where the gateway owns the listeners of the box: exact names and brokering then work without proxy variables. */
    readonly ownsNetwork: boolean;
    /** Whether it can work here at all, and if not, what to do. Starts nothing of the command. */
    examine(): Promise<BackendReport>;
    launch(request: BackendLaunch): Promise<Launched>;
}
export declare const everyPermission: (enforcement: Enforcement, exceptions?: Partial<EnforcementTable>) => EnforcementTable;

// dist/backends/bubblewrap.d.ts

export interface BubblewrapOptions {
    /** Where to look for `bwrap`, in order; directories that only root can write. Default the usual ones. */
    places?: readonly string[];
}
/** The one command that installs it, for the distribution at hand. */
export declare function installRemedy(): string;
/** Linux: namespaces through bubblewrap, driven directly, with our own seccomp filter. */
export declare function bubblewrapBackend({ places }?: BubblewrapOptions): SandboxBackend;

// dist/backends/container.d.ts

export interface ContainerOptions {
    /** Absolute path of docker's or podman's command line. */
    program: string;
    /** Image that holds the runtime of the command, best with its digest (`node:24-slim@sha256:...`). It is never pulled here. */
    image: string;
}
/** Arguments of `docker run` or `podman run` for a plan. The command's own file has to be in the image or in a grant. */
export declare function containerArguments(plan: BoxPlan, { image }: Pick<ContainerOptions, 'image'>, identity: {
    uid: number;
    gid: number;
}, environment: Readonly<Record<string, string>>): string[];
/** Docker or podman. Written and tested on its arguments; no engine was at hand to run it, so it promises nothing as verified. */
export declare function containerBackend({ program, image }: ContainerOptions): SandboxBackend;

// dist/backends/none.d.ts

/** Needed to run a command with no box at all. A symbol, so that no data file can hold it. */
export declare const RUN_WITHOUT_BOX: unique symbol;
/** The sentence that an operator's file has to hold for the same. */
export declare const NO_BOX_SENTENCE = "this server can read, change and send everything that I can";
/**
 * No confinement. The command gets the declared environment only, limits are watched from outside, and that is all; it can leave all of
 * it behind.
 */
export declare function noBackend(permission: typeof RUN_WITHOUT_BOX): SandboxBackend;

// dist/backends/seatbelt.d.ts

/** Settings of sandbox-runtime: JSON, so that no character of a path can become a rule of the Seatbelt profile made from it. */
export interface SeatbeltSettings {
    network: {
        allowedDomains: string[];
        deniedDomains: string[];
    };
    filesystem: {
        denyRead: string[];
        allowRead: string[];
        allowWrite: string[];
        denyWrite: string[];
    };
}
/** Reads are closed by denying the root and allowing what the plan grants. */
export declare function seatbeltSettings(plan: BoxPlan, temporary: string): SeatbeltSettings;
/** macOS: Seatbelt through sandbox-runtime, one process of it for each server. Tested on its settings; never run on a Mac here. */
export declare function seatbeltBackend(): SandboxBackend;

// dist/bubblewrap/identity.d.ts

/** The user on the host that the box runs as. */
export interface BoxIdentity {
    uid: number;
    gid: number;
}
/**
 * An ordinary gateway's box runs as the gateway's own user. A gateway that is root never starts bubblewrap as root (limits would not bind,
 * and files would be opened as root): the box then runs as `runAs`, or as the owner of what it may write, if that is one ordinary
 * user, or as nobody.
 */
export declare function chooseIdentity(plan: BoxPlan, runAs: BoxIdentity | undefined): BoxIdentity;

// dist/bubblewrap/status.d.ts

import type { Readable } from 'node:stream';
/** What `--json-status-fd` says: one JSON object a line. */
export interface LauncherStatus {
    /** Process number, on the host, of PID 1 of the box; undefined where bubblewrap failed before it had one. */
    init: Promise<number | undefined>;
    /** Exit code of the command; undefined where bubblewrap itself failed, or was killed. Settles when the launcher has ended. */
    exitCode: Promise<number | undefined>;
}
export declare function readStatus(stream: Readable): LauncherStatus;

// dist/child.d.ts

import type { Readable, Writable } from 'node:stream';
/** Why a box ended. `launch-failed`: the back end never got as far as the command; its reason is in `stderrTail`. */
export type EndReason = 'exit' | 'killed' | 'stopped' | 'memory' | 'cpu' | 'wall' | 'placeholder' | 'launch-failed';
/** How a box ended. */
export interface BoxExit {
    /** Exit code of the command, 128 + n where signal n ended it; null where the box was ended from outside. */
    code: number | null;
    /** SIGKILL where the box was ended from outside, else null. */
    signal: NodeJS.Signals | null;
    reason: EndReason;
    /** The end of what it wrote to standard error, at most 64 KiB. */
    stderrTail: string;
}
/** A command that runs in its box. The streams are its own: nothing of ours is written into them. */
export interface SandboxedChild {
    readonly stdin: Writable;
    readonly stdout: Readable;
    readonly stderr: Readable;
    /** Process number of the launcher, on the host. */
    readonly pid: number;
    /** Process number, on the host, of PID 1 of the box; undefined where there is none. */
    readonly init: number | undefined;
    /** Settles once, when nothing of the box is left. Never rejects. */
    readonly exited: Promise<BoxExit>;
    /** Ends everything in the box at once, and resolves when it is gone. Safe to call at any time, any number of times. */
    kill(): Promise<void>;
    /** Closes standard input, then SIGTERM, then SIGKILL, a grace time apart. */
    stop(): Promise<BoxExit>;
}

// dist/create-sandbox.d.ts

export interface SandboxOptions {
    /** The gateway's variables, for `env: { NAME: true }` and for finding programs by PATH. Default none. */
    environment?: Readonly<Record<string, string | undefined>>;
    /** Finds the values of secrets. Default: there are none. */
    secrets?: SecretSource;
    /** Default bubblewrap. */
    backend?: SandboxBackend;
    /** Home directory that `~/` means, and whose secrets are hidden. Default that of the current user. */
    home?: string;
    /** The gateway's own configuration and state: never granted, hidden where something wider is. Default none. */
    protectedPaths?: readonly string[];
    /** User on the host for boxes of a gateway that is root. Default the owner of the writable grants, else nobody (65534). */
    runAs?: BoxIdentity;
    /** Name look-up for network rules. Default the system's. */
    lookup?: Lookup;
    /** Certificates to trust when a brokered request is sent on, PEM. Default Node's. */
    upstreamCertificates?: string | readonly string[];
    /** Told of every connection, refusal, limit and alarm, with the name of the box. */
    onEvent?: (event: BoxEvent & {
        box: string;
    }) => void;
    /** Ends a box whose placeholder is seen where it has no business. Default false: only the event. */
    endOnPlaceholder?: boolean;
    /** Time between closing the input, SIGTERM and SIGKILL in `stop`, in ms. Default 2,000; 0 to 600,000. */
    graceMs?: number;
    /** How long a proof of a profile holds before it is made again, in ms. Default 3,600,000 (an hour); at least 1,000. */
    attestationLifeMs?: number;
    /** Time in ms since 1970. Default the clock. */
    now?: () => number;
}
/** A child together with what was proved about its box. */
export interface BoxedChild extends SandboxedChild {
    readonly attestation: Attestation;
    readonly plan: BoxPlan;
}
export interface Sandbox {
    /** Plans, proves where that is due, and starts. Throws `SandboxError`; nothing of the command has run then. */
    start(spec: BoxSpec): Promise<BoxedChild>;
    /** Proves a profile through the identical launch path, without the command; `fresh` even where a proof still holds. */
    attest(spec: BoxSpec, options?: {
        fresh?: boolean;
    }): Promise<Attestation>;
    /**
     * Starts with the same box, except that every public host can be reached over the usual ports, so that the network it wants can be seen.
     * For `learn`; needs a back end that owns the network.
     */
    startLearning(spec: BoxSpec, onEvent: (event: BoxEvent) => void): Promise<BoxedChild & {
        trace?: ReadTrace | undefined;
    }>;
    /** What `start` would do, without doing it. */
    plan(spec: BoxSpec): BoxPlan;
}
/** Boxes for commands. Every profile is proved before it is used for the first time, again when a proof has grown old. */
export declare function createSandbox(options?: SandboxOptions): Sandbox;

// dist/diagnose.d.ts

/** Why a server did not come up, and what would let it. */
export interface Diagnosis {
    cause: string;
    /** The part to add to the profile; absent where no permission would help. */
    proposal?: SandboxProfile;
    /** What else can be done. */
    remedy?: string;
}
export interface Failure {
    /** The end of what it wrote to standard error. */
    stderr: string;
    /** How the box ended, if it has. */
    reason?: string;
    /** What the gateway recorded about it. */
    events?: readonly BoxEvent[];
}
/**
 * Maps what a server said, and what was refused to it, to causes with the permission that each would take, the surest first. A proposal is
 * a guess from a text that the server wrote itself: it is for people to judge, and never to be applied unseen.
 */
export declare function diagnose(plan: BoxPlan, { stderr, reason, events }: Failure): Diagnosis[];

// dist/errors.d.ts

/** Every failure of this package. Each has a page in `docs/errors/`. */
export type SandboxErrorCode = 'ERR_SANDBOX_PROFILE_INVALID' | 'ERR_SANDBOX_GRANT_REFUSED' | 'ERR_SANDBOX_COMMAND_NOT_FOUND' | 'ERR_SANDBOX_SECRET_UNAVAILABLE' | 'ERR_SANDBOX_BACKEND_UNAVAILABLE' | 'ERR_SANDBOX_NOT_ENFORCEABLE' | 'ERR_SANDBOX_PROBE_FAILED' | 'ERR_SANDBOX_START_FAILED' | 'ERR_SANDBOX_NOT_MAIN_THREAD' | 'ERR_SANDBOX_INSTALL_FAILED' | 'ERR_SANDBOX_INTEGRITY_CHANGED' | 'ERR_SANDBOX_LOCK_INVALID';
export interface SandboxErrorDetails {
    /** What the operator can do about it, as a sentence or a command. */
    remedy?: string;
    cause?: unknown;
}
/** A failure to build, prove or start a box. Nothing runs after it was thrown. */
export declare class SandboxError extends Error {
    readonly name = "SandboxError";
    readonly code: SandboxErrorCode;
    readonly remedy: string | undefined;
    /** What went wrong, without the remedy that `message` ends in. */
    readonly reason: string;
    constructor(code: SandboxErrorCode, message: string, { remedy, cause }?: SandboxErrorDetails);
}

// dist/explain.d.ts

/** What a box allows, one sentence an entry, for people. Says what was planned; what holds here is in the attestation. */
export declare function explainBox(plan: BoxPlan): string[];

// dist/install/install.d.ts

export interface InstallOptions {
    /** Absolute path of the lock file; it belongs beside the configuration. */
    lockFile: string;
    /** Absolute path of a directory for installed packages. Made if absent; must not be inside a grant of any server. */
    storeDirectory: string;
    npm?: NpmOptions;
    uv?: UvOptions;
    /** User who installs where the gateway is root. Default nobody (65534). */
    owner?: {
        uid: number;
        gid: number;
    };
    /** Longest time for an installation, in ms. Default 300,000; 1,000 to 3,600,000. */
    timeoutMs?: number;
}
/** The steps of one package manager. */
export interface InstallSteps {
    /** Whether an installed tree may be moved: a Python environment holds its own path, a node_modules does not. */
    movable: boolean;
    /** Runs in a box with the registry and the directory, and nothing else. */
    install(sandbox: Sandbox, runner: PackageRunner, directory: string, locked: LockEntry | undefined, timeoutMs: number): Promise<void>;
    /** What is in the directory now. Reads data that came from outside. */
    inspect(runner: PackageRunner, directory: string): LockEntry;
    /** How to run it. */
    command(runner: PackageRunner, directory: string): {
        command: string;
        args: string[];
    };
}
/** What happened, beside the command to start. */
export interface Prepared {
    spec: BoxSpec;
    /** Absent where the command needs no installation. */
    installed?: {
        key: string;
        version: string;
        fresh: boolean;
    };
}
export declare const approveHint: (key: string) => string;
/**
 * Splits `npx package` and its like in two: what it installs is installed in a box that sees the registry and one directory, without running
 * any of its scripts; what is left to start is the program itself, whose package is read-only and whose box needs no registry, no
 * processes and no home. Any other command comes back as it is. Throws ERR_SANDBOX_INSTALL_FAILED, ERR_SANDBOX_INTEGRITY_CHANGED or
 * ERR_SANDBOX_LOCK_INVALID.
 */
export declare function preparePackage(sandbox: Sandbox, spec: BoxSpec, options: InstallOptions): Promise<Prepared>;
/** Forgets what a name was pinned to: the next start resolves it anew and pins what it finds. True where there was an entry. */
export declare function approvePackage(lockFile: string, key: string): boolean;

// dist/install/lock-file.d.ts

/** What a floating name was found to mean, once. */
export interface LockEntry {
    version: string;
    /** Integrity of every package of the tree, by its place in it (npm) or its requirement (uv). */
    integrity: Record<string, string>;
    /** The package manager's own lock, from which the same tree is installed again. */
    native: string;
}
/** `sekisho.lock.json`, beside the configuration. */
export interface LockFile {
    version: 1;
    packages: Record<string, LockEntry>;
}
/** An absent file is an empty lock; a broken one is an error, since an empty lock would approve everything. */
export declare function readLock(path: string): LockFile;
/** All at once or not at all. */
export declare function writeLock(path: string, lock: LockFile): void;
/** What differs between two trees, in words; empty where they are the same. */
export declare function compareIntegrity(approved: LockEntry['integrity'], found: LockEntry['integrity']): string[];

// dist/install/npm.d.ts

export interface NpmOptions {
    /** Default https://registry.npmjs.org/. */
    registry?: string;
    /** Absolute path of `npm-cli.js`. Default the one beside Node, or the system's. */
    npmCli?: string;
    /** Absolute path of the Node to install and to run with. Default the current one. */
    node?: string;
}
/** npm: exact versions and integrity from its own lock; scripts never run. */
export declare function npmSteps({ registry, npmCli, node }: NpmOptions): InstallSteps;

// dist/install/runner.d.ts

/** A command that installs a package and runs it in one go: what a boxed server must not do. */
export interface PackageRunner {
    manager: 'npm' | 'uv';
    /** Name of the package, with its scope. */
    name: string;
    /** Version, range or tag as it was written; empty for the newest. */
    range: string;
    /** Program of the package to run; undefined for the one that bears its name. */
    program: string | undefined;
    /** Arguments for the program. */
    args: readonly string[];
}
/**
 * Reads `npx`, `npm exec`, `pnpm dlx`, `pnpx`, `uvx` and `uv tool run`. Undefined for every other command, and for flags and sources (a
 * URL, a directory, git) that this package does not install: those are run as they are, where they need what their profile denies.
 */
export declare function readRunner(command: string, args: readonly string[]): PackageRunner | undefined;
/** Name of the entry in the lock file. */
export declare const lockKey: ({ manager, name, range }: PackageRunner) => string;

// dist/install/uv.d.ts

export interface UvOptions {
    /** Name or absolute path of uv. Default `uv`. */
    uv?: string;
    /** Absolute path of the Python to use. Default /usr/bin/python3. */
    python?: string;
    /** Hosts that packages come from, and the index. Default pypi.org and files.pythonhosted.org. */
    hosts?: readonly string[];
    index?: string;
}
/** Requirement (name==version) -> its hashes, from what `uv pip compile --generate-hashes` writes. */
export declare function readRequirements(text: string): Record<string, string>;
/** uv: a list of exact requirements with hashes, wheels only, so that nothing of a package runs while it is installed. */
export declare function uvSteps({ uv, python, hosts, index, }: UvOptions): InstallSteps;

// dist/learn.d.ts

export interface LearnOptions {
    /** Uses the server as it will be used, and resolves when it has seen enough. Also when the server has ended. */
    exercise: (child: SandboxedChild) => Promise<void>;
    /** Asked before a permission is tried in the next round. Default: every one but writes outside `mayWrite` is tried. */
    accept?: (diagnosis: Diagnosis) => boolean;
    /** Rounds at most. Default 8; 1 to 50. */
    rounds?: number;
}
export interface Learned {
    /** The smallest profile that was found: the given one, and what each round lacked. */
    profile: SandboxProfile;
    /** What was added, in order, with the reason. */
    steps: readonly Diagnosis[];
    /** What was lacking and not accepted, or has no permission that would help. */
    open: readonly Diagnosis[];
    /**
     * Files that are there, and that it tried to open in vain without a word in the last round. Seen where strace is installed; whether it
     * needs them is for people to judge, so they are not in the profile.
     */
    silent: readonly string[];
    /** True where the last round lacked nothing. */
    complete: boolean;
}
/**
 * Runs a server with what its profile allows, watches what it lacks, adds that, and runs it again, until a round lacks nothing. Hosts are
 * seen as they are asked for: they are let through in the learning box, private addresses excepted, and recorded. Files are seen by the
 * complaint that they cause; what a server tries and hides its failure of is told apart, and only where strace is installed.
 */
export declare function learn(sandbox: Sandbox, spec: BoxSpec, { exercise, accept, rounds }: LearnOptions): Promise<Learned>;

// dist/mount-points.d.ts

/**
 * A path that is kept missing inside needs a mount point, which bubblewrap makes on the host as an empty file. It goes when the last box
 * that uses it has ended, and not earlier: removing it would take the mount away from the others.
 */
export interface MountPointKeeper {
    /** To be called before the start; the result once the box has ended. */
    hold(plan: BoxPlan): () => void;
}
export declare function createMountPointKeeper(): MountPointKeeper;

// dist/network/events.d.ts

/** Why a connection of the box was not made, or was ended. */
export type NetworkRefusal = 
/** No rule allows this name, or this name on this port. */
'no-rule' | 'denied-domain'
/** The rule's name leads to a private, loopback, link-local or metadata address only. */
 | 'private-address' | 'lookup-failed' | 'unreachable'
/** The TLS client named another server, or none that can be read. */
 | 'server-name-mismatch' | 'not-tls'
/** The HTTP request named another host. */
 | 'host-mismatch' | 'too-many-connections'
/** A placeholder was about to leave the box where it has no business. */
 | 'placeholder';
export interface ConnectionEvent {
    type: 'connection';
    host: string;
    port: number;
    /** Address that was dialled. */
    address: string;
    /** Bytes from the box, and to it. */
    bytesSent: number;
    bytesReceived: number;
}
export interface RefusedEvent {
    type: 'refused';
    host: string;
    /** 0 where only the name was asked for. */
    port: number;
    reason: NetworkRefusal;
    /** How often since the last event about the same. */
    count: number;
}
/** A placeholder was seen where it has no business: something inside tries to send the secret elsewhere, or prints it. */
export interface PlaceholderEvent {
    type: 'placeholder';
    variable: string;
    where: 'other-host' | 'other-header' | 'url' | 'body' | 'plain-text' | 'dns' | 'stdout' | 'stderr';
    /** Host that would have got it, if any. */
    host?: string;
}
export interface LimitEvent {
    type: 'limit';
    limit: 'memoryBytes' | 'cpuMs' | 'wallMs' | 'cpuPercent' | 'stdoutBytesPerSecond';
    /** What was measured, and what the profile allows. */
    observed: number;
    allowed: number;
    action: 'killed' | 'throttled';
}
export type NetworkEvent = ConnectionEvent | RefusedEvent | PlaceholderEvent;
export type BoxEvent = NetworkEvent | LimitEvent;
export type RecordRefusal = (host: string, port: number, reason: NetworkRefusal) => void;
export declare function createRefusalRecorder(emit: (event: RefusedEvent) => void, now: () => number): RecordRefusal;
/** A refusal in the words of the profile, for the client inside and for the operator. */
export declare function describeRefusal({ host, port, reason }: Pick<RefusedEvent, 'host' | 'port' | 'reason'>): string;

// dist/network/listener-program.d.ts

/** A listening socket that is wanted inside the box's network namespace. */
export interface WantedListener {
    kind: 'tcp4' | 'tcp6' | 'udp4';
    port: number;
}
/** Handed to the listening program as its only argument. */
export interface ListenerRequest {
    listeners: WantedListener[];
    /** Addresses that are to exist in the namespace, beside 127.0.0.0/8 and ::1. */
    addresses: string[];
    /** Path of `ip`, without which `addresses` cannot be set up. */
    ip: string | undefined;
}
/** What comes back over the channel, with a handle unless it is an error. */
export type ListenerMessage = WantedListener | {
    error: string;
};
/**
 * A program of its own, given to `node -e`: it runs for a moment in the box's network namespace, with the host's mounts, before anything of
 * the box does. It opens each listener, hands it over the channel, and ends. A socket belongs to the namespace where it was made: what
 * the gateway accepts on it can only come from this one box.
 */
export declare const LISTENER_PROGRAM = "\nconst net = require('node:net'), dgram = require('node:dgram');\nconst { listeners, addresses, ip } = JSON.parse(process.argv[1]);\nconst send = (message, handle) => new Promise((done, failed) => process.send(message, handle, {}, (error) => (error ? failed(error) : done())));\nconst ready = (thing, start) => new Promise((done, failed) => { thing.once('error', failed); start(done); });\n// Without a gateway there is nobody to hand them to, and what waits for this program must not wait forever.\n// (The event of that name waits for answers that will never come; hence the look.)\nsetInterval(() => process.connected || process.exit(1), 20);\n(async () => {\n  for (const address of addresses) {\n    const bits = address.includes(':') ? '/128' : '/32';\n    require('node:child_process').execFileSync(ip, ['addr', 'add', address + bits, 'dev', 'lo']);\n  }\n  for (const wanted of listeners) {\n    if (wanted.kind === 'udp4') {\n      const socket = dgram.createSocket('udp4');\n      await ready(socket, (done) => socket.bind(wanted.port, '127.0.0.1', done));\n      await send(wanted, socket);\n    } else {\n      const server = net.createServer();\n      const host = wanted.kind === 'tcp4' ? '0.0.0.0' : '::';\n      await ready(server, (done) => server.listen({ host, port: wanted.port, ipv6Only: wanted.kind === 'tcp6', backlog: 511 }, done));\n      await send(wanted, server);\n    }\n  }\n  process.exit(0);\n})().catch((error) => (process.connected ? process.send({ error: String(error) }, () => process.exit(1)) : process.exit(1)));\n";

// dist/network/resolve.d.ts

export type Lookup = (host: string) => Promise<readonly {
    address: string;
    family: number;
}[]>;
export declare const lookupAll: Lookup;
export type Resolution = {
    addresses: string[];
} | {
    refused: 'lookup-failed' | 'private-address';
};
/**
 * The addresses that may be dialled for a rule. Looked up once: whoever dials uses these, because a second look-up could answer
 * something else. A rule that is an address grants just this address on its port, whatever it is, also to names that lead there.
 */
export declare function resolveRule(rule: DomainRule, host: string, lookup: Lookup, granted: (address: string) => boolean): Promise<Resolution>;

// dist/plan.d.ts

/** What to run and what it may do. */
export interface BoxSpec {
    /** A program's absolute path, or a name to be looked up in the PATH of `environment`. Never a shell line. */
    command: string;
    args?: readonly string[];
    profile?: SandboxProfile;
    /**
     * Directory to start in where the profile names no `cwd`: relative arguments count from here, and nothing becomes readable by it. What
     * the box has no grant for is an empty directory. Default /tmp.
     */
    directory?: string;
    /** Named in events and errors. Default the command. */
    name?: string;
}
export interface BrokeredSecret {
    variable: string;
    secret: string;
    rule: BrokerRule;
    domain: DomainRule;
}
/** A profile after every decision that does not need the machine's back end: paths found, names parsed, defaults filled in. */
export interface BoxPlan {
    name: string;
    file: string;
    args: readonly string[];
    cwd: string;
    /** True where nothing is granted of `cwd` or below: then it is made, empty. */
    emptyCwd: boolean;
    mounts: readonly Mount[];
    /** Names only of what the profile declares, with plain values; secrets are filled in when the box starts. */
    environment: Readonly<Record<string, string>>;
    secrets: readonly {
        variable: string;
        secret: string;
    }[];
    brokered: readonly BrokeredSecret[];
    network: {
        allowed: readonly DomainRule[];
        denied: readonly DomainRule[];
    };
    spawn: boolean;
    unixSockets: boolean;
    limits: ResolvedLimits;
    enforcement: 'required' | 'best-effort';
    notEnforceable: readonly string[];
    /** SHA-256 over everything above that decides what is enforced: the command's arguments and plain values are not part of it. */
    profileHash: string;
}
export interface PlanContext {
    environment: Readonly<Record<string, string | undefined>>;
    home: string;
    protectedPaths: readonly string[];
}
export declare const BOX_HOME = "/home/sandbox";
/**
 * Turns a command with its profile into a plan. Reads the file system (links, existence), starts nothing and looks up no names.
 * Throws `SandboxError`: ERR_SANDBOX_PROFILE_INVALID, ERR_SANDBOX_GRANT_REFUSED, ERR_SANDBOX_COMMAND_NOT_FOUND or
 * ERR_SANDBOX_NOT_ENFORCEABLE.
 */
export declare function planBox(spec: BoxSpec, context: PlanContext): BoxPlan;

// dist/probe/attest.d.ts

/** One attempt inside the box, and whether the box held. */
export interface ProbeResult {
    name: string;
    permission: Permission;
    held: boolean;
    /** What was wrong, where it did not hold. */
    detail?: string;
}
/** What was proved about a profile on this machine, and when. */
export interface Attestation {
    profileHash: string;
    backend: SandboxBackend['name'];
    versions: {
        backend: string;
        node: string;
    };
    kernel: string;
    architecture: string;
    /** User on the host that the box runs as. */
    uid: number;
    /** ms since 1970. */
    at: number;
    probes: readonly ProbeResult[];
    enforced: readonly Permission[];
    /** What the profile asks for and is not held here, in words. */
    notEnforceable: readonly string[];
}
/**
 * Runs a small program, assembled for this, through the identical launch path and lets it try what the profile denies. Throws
 * ERR_SANDBOX_BACKEND_UNAVAILABLE or ERR_SANDBOX_PROBE_FAILED where not even that can run; whether the result is good enough is the
 * caller's decision. Does not prove what no program can try: hard links, races, bugs of the kernel.
 */
export declare function attest(plan: BoxPlan, options: StartOptions, context: {
    home: string;
    version: string;
}): Promise<Attestation>;

// dist/profile/domains.d.ts

/** One entry of `allowedDomains` or `deniedDomains`. */
export interface DomainRule {
    /** As the operator wrote it: refusals and explanations name it. */
    readonly text: string;
    /** Lower case, without a final dot, in ASCII form; of a wildcard the part after `*.`; of an address the address itself. */
    readonly host: string;
    readonly kind: 'exact' | 'wildcard' | 'address';
    readonly port: number;
    /** False where the entry named no port. */
    readonly portNamed: boolean;
}
/** Reads `host`, `host:port`, `*.host`, `*.host:port`, `address:port` and `[v6]:port`. Throws ERR_SANDBOX_PROFILE_INVALID. */
export declare function parseDomain(text: string): DomainRule;
/** `*.example.com` covers a.example.com and a.b.example.com; not example.com, and not evilexample.com. */
export declare function coversHost(rule: DomainRule, host: string): boolean;
/** A denied entry without a port denies every port. */
export declare function isDeniedDomain(denied: readonly DomainRule[], host: string, port: number): boolean;
/** The first allowed entry for this name and port, unless a denied one covers it. */
export declare function findRule(rules: {
    allowed: readonly DomainRule[];
    denied: readonly DomainRule[];
}, host: string, port: number): DomainRule | undefined;
/** Name as it comes from a packet, brought into the form of the rules. */
export declare const normaliseHost: (host: string) => string;

// dist/profile/merge.d.ts

/** Adds what a proposal grants to a profile. Denials, `cwd` and `enforcement` stay those of the profile. */
export declare function mergeProfile(profile: SandboxProfile, proposal: SandboxProfile): SandboxProfile;

// dist/profile/mounts.d.ts

/** One step of the view that the box gets, on top of the system's libraries. Applied in order. */
export type Mount = {
    kind: 'read' | 'write' | 'hide-file' | 'hide-directory';
    path: string;
}
/** Nothing is there; the mount point that this leaves on the host is removed when the box has ended. */
 | {
    kind: 'keep-missing';
    path: string;
} | {
    kind: 'link';
    path: string;
    target: string;
};
export interface MountPlan {
    mounts: Mount[];
    /** What was asked for and cannot be held on this system, in words. Empty under `enforcement: required`. */
    notEnforceable: string[];
}
export interface MountRequest {
    filesystem: NonNullable<SandboxProfile['filesystem']>;
    cwd: string | undefined;
    /** Read-only paths that the command itself needs, and what in them is to be hidden. */
    runtime: {
        reads: readonly string[];
        hides: readonly string[];
    };
    /** Home directory of the gateway's user. */
    home: string;
    /** The gateway's own configuration and state. */
    protectedPaths: readonly string[];
    bestEffort: boolean;
}
/**
 * Turns the grants of a profile into mounts, shallow ones first since later mounts lie on top. Directories between a writable grant
 * and something denied inside it become mount points too: without that the box could rename them and put its own in their place.
 * Does not see hard links: a hidden file stays readable under a second name elsewhere in a grant.
 */
export declare function planMounts(request: MountRequest): MountPlan;

// dist/profile/profile.d.ts

/**
 * What a boxed command may do. Everything that is absent is denied. The names of the file system and network keys are those of
 * VS Code and sandbox-runtime, so that their settings can be pasted; the base is closed here, also for reading.
 */
export interface SandboxProfile {
    /**
     * Absolute paths, or `~/...`; a trailing `/**` is dropped and any other pattern is refused, since it could not be enforced.
     * Links are resolved when the box starts. For reading the more specific entry wins, deny at equal length; for writing deny wins.
     */
    filesystem?: {
        /** Readable in addition to the system's libraries, the command's own package, `cwd` and `allowWrite`. Default none. */
        allowRead?: readonly string[];
        /** Hidden although something wider is readable. Default none (the usual places of secrets are always hidden). */
        denyRead?: readonly string[];
        /** Writable, and thereby readable. Default none: only a private, sized /tmp, /dev/shm and home directory can be written. */
        allowWrite?: readonly string[];
        /** Read-only inside `allowWrite`. Default none (`.git/hooks`, `.vscode` and the like are always read-only). */
        denyWrite?: readonly string[];
    };
    network?: {
        /** `host` (port 443), `host:port`, `*.host`, `*.host:port`, `address:port`, `[v6]:port`. Default none: no network at all. */
        allowedDomains?: readonly string[];
        /** Checked first; deny wins. Only has a meaning beside a wildcard. Default none. */
        deniedDomains?: readonly string[];
    };
    /** True lets the command start other processes. Default false: fork and vfork fail with EPERM, threads work. */
    spawn?: boolean;
    /** True lets the command open unix sockets (inside its box and its granted directories). Default false. */
    unixSockets?: boolean;
    /**
     * Variables beside PATH, HOME, LANG and TMPDIR: a string is the value, `true` passes the gateway's variable of this name through,
     * an object takes the value from the secret store. Default none.
     */
    env?: Readonly<Record<string, string | true | SecretReference>>;
    /** Directory that the command starts in; it becomes readable. Default /tmp. */
    cwd?: string;
    limits?: SandboxLimits;
    /**
     * `required` (default): what the back end cannot enforce stops the start. `best-effort`: it starts all the same, and the
     * attestation lists what is not enforced.
     */
    enforcement?: 'required' | 'best-effort';
}
/** A value that is kept elsewhere and found by name when the box starts. */
export interface SecretReference {
    /** Name given to the `secrets` function of `createSandbox`. */
    secret: string;
    /** With it the value never enters the box: see `BrokerRule`. */
    broker?: BrokerRule;
}
/** The box holds a placeholder; the real value is put into this one header of requests to this one host, outside the box. */
export interface BrokerRule {
    /** A `host` or `host:port` that `network.allowedDomains` lists; port 443 without one. */
    host: string;
    /** Name of the request header in which the placeholder is replaced, such as `authorization`. */
    header: string;
}
/** Limits for the whole tree of processes of a box. */
export interface SandboxLimits {
    /** Resident memory of the tree in bytes. Default 1 GiB; at least 32 MiB. Polled, so it can be passed for a moment. */
    memoryBytes?: number;
    /** Share of one processor core in percent; 200 is two cores. Default none; 1 to 10,000. */
    cpuPercent?: number;
    /** Processor time of the tree in ms over its life; the box is killed beyond it. Default none; at least 100. */
    cpuMs?: number;
    /** Processes and threads together. Default 64; at least 12, fewer do not carry a Node process. */
    processes?: number;
    /** Open files of each process. Default 1,024; at least 16. */
    openFiles?: number;
    /** Longest life in ms. Default none; at least 100. */
    wallMs?: number;
    /** Size in bytes of each of /tmp, /dev/shm and the home directory, all in memory. Default 64 MiB; at least 64 KiB. */
    tmpBytes?: number;
    /** Largest file that can be written, in bytes. Default 64 MiB; at least 4 KiB. */
    fileBytes?: number;
    /** Rate at which standard output is read, in bytes a second; beyond it the writer waits. Default 16 MiB; at least 4 KiB. */
    stdoutBytesPerSecond?: number;
}
export interface ResolvedLimits {
    memoryBytes: number;
    processes: number;
    openFiles: number;
    tmpBytes: number;
    fileBytes: number;
    stdoutBytesPerSecond: number;
    cpuPercent?: number;
    cpuMs?: number;
    wallMs?: number;
}
/** Smallest accepted value, default (undefined: no limit) and what the number counts. */
export declare const LIMIT_RULES: Record<keyof SandboxLimits, {
    least: number;
    preset: number | undefined;
    most: number;
}>;

// dist/secrets.d.ts

/** Finds the value of a secret by its name. */
export type SecretSource = (name: string) => string | undefined | Promise<string | undefined>;
export declare function openSecret(variable: string, name: string, secrets: SecretSource): Promise<string>;

// dist/start-box.d.ts

export interface StartOptions {
    backend: SandboxBackend;
    identity: BoxIdentity;
    secrets: SecretSource;
    lookup: Lookup;
    upstreamCertificates: string | readonly string[] | undefined;
    emit: (event: BoxEvent) => void;
    /** Ends the box when one of its placeholders is seen where it has no business. */
    endOnPlaceholder: boolean;
    now: () => number;
    monotonic: () => number;
    graceMs: number;
    mountPoints: MountPointKeeper;
    /** Another command through the same launch path, and files for it: for probes. */
    instead?: {
        command: readonly string[];
        files: BackendLaunch['files'];
    };
    openPorts?: readonly number[];
    /** Called with PID 1 of the finished box, before anything of the command runs. */
    beforeCommand?: (init: number) => Promise<void>;
}
/** Starts a planned command in its box. Proves nothing: `createSandbox` does that first. */
export declare function startBox(plan: BoxPlan, options: StartOptions): Promise<SandboxedChild>;

// dist/trace-reads.d.ts

/** Paths that it tried to open in vain although they are there. */
export interface ReadTrace {
    paths(): string[];
}
/**
 * Watches from outside what the command of a box opens and does not get, through strace where that is installed. The box must not have begun:
 * whoever calls this holds its gate. Undefined where there is no strace, or it may not look.
 */
export declare function traceReads(plan: BoxPlan, init: number): Promise<ReadTrace | undefined>;
