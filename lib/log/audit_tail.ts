import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FindingCollector } from "./audit_findings.ts";
import type { WriteAheadEntry, WriteAheadSnapshot } from "./read_write_ahead.ts";

/** The entries of a write-ahead file, handed out stretch by stretch. */
export interface AuditTail {
  /** Those from `first` on, at most `count`, each in its slot. Called with stretches in order, without gaps. */
  take(first: number, count: number): Promise<readonly (WriteAheadEntry | undefined)[]>;
  /** Lets go of a file that is not read to its end. */
  stop(): Promise<void>;
}

export interface AuditTailOptions {
  readonly writeAhead: WriteAheadSnapshot | undefined;
  /** The file must reach at least this far. */
  readonly publishedSize: number;
  readonly findings: FindingCollector;
}

export function createAuditTail({ writeAhead, publishedSize, findings }: AuditTailOptions): AuditTail {
  const iterator = writeAhead?.entries();
  let reached = writeAhead?.base ?? 0;
  let isEnded = iterator === undefined;
  let waiting: WriteAheadEntry | undefined;

  async function next(): Promise<WriteAheadEntry | undefined> {
    if (isEnded) return undefined;
    try {
      const { value, done } = await iterator!.next();
      if (done !== true) {
        reached = value.position + 1;
        return value;
      }
      if (reached < publishedSize) {
        const detail =
          `its intact part ends before leaf ${reached}, while the checkpoint covers ${publishedSize}`;
        findings.add("write-ahead-damaged", "log/write-ahead", detail);
      }
    } catch (error) {
      if (!(error instanceof CorruptFileError)) throw error;
      const facts = error.facts.slice(1).join("; ");
      findings.add("write-ahead-damaged", `log/write-ahead, leaf ${reached}`, facts);
    }
    isEnded = true;
    return undefined;
  }

  return {
    async take(first, count) {
      const entries: (WriteAheadEntry | undefined)[] = [];
      for (waiting ??= await next(); waiting !== undefined; waiting = await next()) {
        if (waiting.position >= first + count) break;
        if (waiting.position >= first) entries[waiting.position - first] = waiting;
      }
      return entries;
    },
    async stop() {
      await iterator?.return();
    },
  };
}
