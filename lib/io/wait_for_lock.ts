import { LockHeldError } from "./lock_held_error.ts";

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 20;

export interface WaitForLockOptions {
  /** The lock file, for the error. */
  readonly path: string;
  readonly failIfHeld: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Takes the exclusive lock on an open file. It asks again and again instead of sleeping in the kernel, as a blocked
 * `flock` can neither be aborted nor shares its thread: enough of them would stop all file work of the process.
 *
 * @throws {LockHeldError} with `failIfHeld`, when it is held
 */
export async function waitForLock(
  file: Pick<Deno.FsFile, "tryLockSync">,
  { path, failIfHeld, signal }: WaitForLockOptions,
): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; !file.tryLockSync(true);) {
    if (failIfHeld) throw new LockHeldError(path);
    // Random, so that two processes do not stay in step with each other.
    await pause(waitMs * (0.5 + Math.random()), signal);
    waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
