/**
 * The thread in which files are hashed. Takes one {@linkcode HashTask} after another, tells now and then how far it is, and answers each task
 * with its outcomes: of all files, or up to the first that has a problem or the host's stop.
 *
 * Kept small, as starting it costs its imports.
 *
 * @module
 */
import { HASH_CHUNK_BYTES, hashFile, type HashOutcome } from "./hash_file.ts";

/** What the host asks for. */
export interface HashTask {
  readonly paths: readonly string[];
  /** Shared. Not 0: stop at the next chunk. A thread in a loop of blocking reads hears nothing else, not even `terminate()`. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

/** What the worker says: bytes hashed since it last spoke, and at a task's end the outcomes. */
export interface HashMessage {
  readonly bytes: number;
  /** In the task's order; fewer than its paths after a problem or a stop. */
  readonly outcomes?: readonly HashOutcome[];
}

/** Messages beyond this many a second would only make the bar flicker. */
const TELL_EVERY_MS = 50;

const buffer = new Uint8Array(HASH_CHUNK_BYTES);

function runTask({ paths, stop }: HashTask, tell: (message: HashMessage) => void): void {
  const outcomes: HashOutcome[] = [];
  let bytes = 0;
  let toldAt = performance.now();
  for (const path of paths) {
    for (const step of hashFile(path, buffer)) {
      if (Atomics.load(stop, 0) !== 0) return tell({ bytes, outcomes });
      if (typeof step !== "number") {
        outcomes.push(step);
        continue;
      }
      bytes += step;
      const now = performance.now();
      if (now - toldAt < TELL_EVERY_MS) continue;
      tell({ bytes });
      bytes = 0;
      toldAt = now;
    }
    if ("problem" in outcomes.at(-1)!) break;
  }
  tell({ bytes, outcomes });
}

// The type of a worker's own global scope is not among Deno's default types.
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<HashTask>) => void;
  postMessage(message: HashMessage): void;
};
scope.onmessage = ({ data }) => runTask(data, (message) => scope.postMessage(message));
