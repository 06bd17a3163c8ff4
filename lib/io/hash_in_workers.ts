import { digestError } from "./digest_error.ts";
import type { HashMessage, HashTask } from "./digest_worker.ts";
import type { HashedFile, HashOutcome } from "./hash_file.ts";
import type { FileToHash } from "./hash_files.ts";

export interface HashInWorkersOptions {
  /** How many threads hash at once. */
  readonly workerCount: number;
  readonly signal: AbortSignal | undefined;
  /** Called with what was hashed since it was last called. */
  readonly onBytes: (count: number) => void;
}

/** Thrown where no worker can be started here, such as in a bundle or without permission to read the script. */
export class NoWorkerError extends Error {
  override readonly name: string = "NoWorkerError";
}

/** What a worker is asked in one message: one large file, or small ones up to this many bytes. */
const TASK_BYTES = 16 * 1024 * 1024;
/** And at most so many, as a tiny file costs an open and two stats. */
const TASK_FILES = 512;

/**
 * Hashes files in worker threads, the largest first, each worker taking the next task when it is done with one. Memory: one buffer and one
 * small heap a worker. The first problem, and an abort, end all of them: their answer does not wait for a read that hangs.
 *
 * @throws {PotError} for the first file with a problem
 * @throws {NoWorkerError} where workers do not start
 * @throws the signal's reason
 */
export async function hashInWorkers(
  files: readonly FileToHash[],
  { workerCount, signal, onBytes }: HashInWorkersOptions,
): Promise<readonly HashedFile[]> {
  const hashed: HashedFile[] = new Array(files.length);
  const tasks = planTasks(files);
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const workers: Worker[] = [];

  async function drain(worker: Worker): Promise<void> {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      const outcomes = await ask(worker, { paths: task.map((i) => files[i]!.path), stop }, onBytes);
      for (const [place, outcome] of outcomes.entries()) {
        const i = task[place]!;
        if ("problem" in outcome) throw digestError(files[i]!.path, outcome);
        hashed[i] = outcome;
      }
    }
  }

  try {
    for (let i = 0; i < Math.min(workerCount, tasks.length); i++) workers.push(startWorker());
    await Promise.race([ended, Promise.all(workers.map(drain))]);
    return hashed;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    Atomics.store(stop, 0, 1);
    for (const worker of workers) worker.terminate();
  }
}

function startWorker(): Worker {
  try {
    return new Worker(new URL("./digest_worker.ts", import.meta.url), { type: "module" });
  } catch (cause) {
    throw new NoWorkerError("Cannot start a worker", { cause });
  }
}

/** Resolves with the task's outcomes. */
async function ask(
  worker: Worker,
  task: HashTask,
  onBytes: (count: number) => void,
): Promise<readonly HashOutcome[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly HashOutcome[]>();
  worker.onmessage = ({ data: { bytes, outcomes } }: MessageEvent<HashMessage>) => {
    try {
      onBytes(bytes);
    } catch (error) {
      // The caller's own mistake must reach the caller.
      return reject(error);
    }
    if (outcomes !== undefined) resolve(outcomes);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new NoWorkerError(event.message));
  };
  worker.postMessage(task);
  return await promise;
}

/** Indices into `files`, a list a message: the largest file first, so that no worker is left with it at the end. */
function planTasks(files: readonly FileToHash[]): number[][] {
  const bySize = files.map((_, i) => i).sort((a, b) => files[b]!.sizeBytes - files[a]!.sizeBytes);
  const tasks: number[][] = [];
  let bytes = Infinity;
  for (const i of bySize) {
    const { sizeBytes } = files[i]!;
    if (bytes + sizeBytes > TASK_BYTES || tasks.at(-1)!.length >= TASK_FILES) {
      tasks.push([]);
      bytes = 0;
    }
    tasks.at(-1)!.push(i);
    bytes += sizeBytes;
  }
  return tasks;
}
