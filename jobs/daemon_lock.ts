import { join } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import { writeFileAtomically } from "../lib/io/atomic_write.ts";
import type { FileLayer, FileLock } from "../lib/io/file_layer.ts";
import { LockHeldError } from "../lib/io/lock_held_error.ts";
import type { JobHolder } from "./job_state.ts";

export interface DaemonLockOptions {
  readonly files: FileLayer;
  /** This process. */
  readonly holder: JobHolder;
}

/**
 * Takes the home folder for the life of a daemon: `daemon.lock`, and who holds it in `daemon.json`. The system lets go of it
 * with the process, however that ends.
 *
 * @throws {UsageError} when a daemon works on this home folder already, naming it
 */
export async function takeDaemonLock(
  home: string,
  { files, holder }: DaemonLockOptions,
): Promise<FileLock> {
  const note = join(home, "daemon.json");
  await files.makeFolder(home);
  let lock: FileLock;
  try {
    lock = await files.lock(join(home, "daemon.lock"), { failIfHeld: true });
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    const other = parseHolder(await files.read(note));
    throw new UsageError("Cannot start the daemon as one works on this home folder already", {
      facts: [
        `home: ${home}`,
        ...(other === undefined ? [] : [`process: ${other.pid} on ${other.host}`]),
      ],
      hint: "stop that one first, or give this one a home folder of its own: --home <folder>",
      cause,
    });
  }
  try {
    const { host, pid } = holder;
    await writeFileAtomically(files, note, new TextEncoder().encode(`${JSON.stringify({ host, pid })}\n`));
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** For a message only: what it does not understand is left out. */
function parseHolder(bytes: Uint8Array | undefined): JobHolder | undefined {
  try {
    const { host, pid } = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof host === "string" && Number.isSafeInteger(pid)) return { host: host.slice(0, 100), pid };
  } catch {
    // Written by nobody we know.
  }
}
