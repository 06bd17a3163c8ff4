import { errorLine } from "../error_line.ts";
import type { Check, Seeing } from "./check.ts";

/** A disk, in bytes. */
export interface DiskSpace {
  /** What may still be written by whoever is not root. */
  readonly availableBytes: number;
  readonly sizeBytes: number;
}

/** What is looked at. */
export interface DiskCheckOptions {
  /** Of the file system that holds the home folder. */
  readonly space: () => Promise<DiskSpace>;
  /** Writes a little to where the log is, durably, and takes it away again. */
  readonly tryWrite: (options: { readonly signal: AbortSignal }) => Promise<void>;
}

const DEGRADED_RATIO = 0.1;
const FAILED_RATIO = 0.03;
/** Plenty for days, whatever part of a large disk that is. */
const PLENTY_BYTES = 50e9;
const LEAST_BYTES = 500e6;

/** Looks at how much room there is (`disk-space`), and whether a write gets through (`log-writable`). */
export function diskCheck({ space, tryWrite }: DiskCheckOptions): Check {
  return {
    name: "disk-space",
    async look(options) {
      const { availableBytes, sizeBytes } = await space();
      const availableRatio = sizeBytes === 0 ? 0 : availableBytes / sizeBytes;
      const isShort = availableBytes < PLENTY_BYTES;
      const status = availableBytes < LEAST_BYTES || (isShort && availableRatio < FAILED_RATIO)
        ? "failed"
        : isShort && availableRatio < DEGRADED_RATIO
        ? "degraded"
        : "ok";
      const room: Seeing = {
        status,
        reason: `${(availableBytes / 1e9).toFixed(1)} GB free (${Math.round(availableRatio * 100)} %)`,
        values: { freeBytes: availableBytes, freeRatio: availableRatio },
      };
      return [room, await writable(options)];
    },
  };

  async function writable(options: { readonly signal: AbortSignal }): Promise<Seeing> {
    try {
      await tryWrite(options);
      return { check: "log-writable", status: "ok", reason: "a write went through" };
    } catch (error) {
      options.signal.throwIfAborted();
      return { check: "log-writable", status: "failed", reason: `a write failed: ${errorLine(error)}` };
    }
  }
}
