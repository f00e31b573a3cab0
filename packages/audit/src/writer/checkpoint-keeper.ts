import { isAuditError } from '../audit-error.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { signCheckpoint } from '../note/checkpoint.ts';
import type { Signer } from '../note/signer.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';

/**
 * A place outside the machine that keeps signed checkpoints: what is there cannot be taken back by who rewrites the log.
 * Must reject when the place did not take it; the newest checkpoint is then offered again.
 */
export interface CheckpointPlace {
  readonly name: string;
  publish(note: string, checkpoint: { origin: string; size: number }): Promise<void>;
}

export interface PlaceState {
  name: string;
  /** Tree size the place last accepted. */
  publishedSize: number;
  failures: number;
  lastError: unknown;
}

export interface CheckpointKeeperOptions {
  fs: AuditFileSystem;
  path: string;
  signer: Signer;
  places: readonly CheckpointPlace[];
  /** Told when the keeper starts and stops; no checkpoint may be made in between. */
  onBusy: (busy: boolean) => void;
}

/** Writes the checkpoint file and pushes it to the outside places, in the background of the commits. */
export class CheckpointKeeper {
  readonly #options: CheckpointKeeperOptions;
  readonly places: PlaceState[];
  #work: Promise<void> = Promise.resolve();
  #publishing: Promise<void> = Promise.resolve();
  #waiting: { note: string; size: number } | undefined;
  #lastError: unknown;
  #size = 0;

  constructor(options: CheckpointKeeperOptions) {
    this.#options = options;
    this.places = options.places.map(({ name }) => ({ name, publishedSize: 0, failures: 0, lastError: undefined }));
  }

  /** Tree size of the checkpoint file. */
  get size(): number {
    return this.#size;
  }

  get lastError(): unknown {
    return this.#lastError;
  }

  keep(size: number, root: Digest): void {
    this.#options.onBusy(true);
    this.#work = this.#work.then(() => this.#keep(size, root)).finally(() => this.#options.onBusy(false));
  }

  async #keep(size: number, root: Digest): Promise<void> {
    const { fs, path, signer } = this.#options;
    try {
      const note = await signCheckpoint(signer, size, root);
      await fs.replaceFile(path, Buffer.from(note));
      this.#size = size;
      this.#lastError = undefined;
      this.#offer(note, size);
    } catch (error) {
      // The log itself is fine and holds its own checkpoints; the state says that the file is behind.
      this.#lastError = isAuditError(error) ? error : error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Only the newest waits: a place that was away needs no history, consistency proofs bridge it. */
  #offer(note: string, size: number): void {
    if (this.#options.places.length === 0) return;
    const idle = this.#waiting === undefined;
    this.#waiting = { note, size };
    if (idle) this.#publishing = this.#publishing.then(() => this.#publish());
  }

  async #publish(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    const { signer, places } = this.#options;
    await Promise.all(
      places.map(async (place, i) => {
        const state = this.places[i]!;
        try {
          await place.publish(waiting.note, { origin: signer.name, size: waiting.size });
          state.publishedSize = waiting.size;
          state.lastError = undefined;
        } catch (error) {
          state.failures += 1;
          state.lastError = error;
        }
      }),
    );
  }

  /** Resolves when the file is written and the places have been tried. */
  async idle(): Promise<void> {
    await this.#work;
    await this.#publishing;
  }
}
