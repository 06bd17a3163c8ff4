import type { PotError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { TrainingRecord } from "../core/record.ts";
import type { Check } from "./verdict.ts";

/** A record of a batch, read; in its place what is wrong with it. */
export interface ReadBatchRecord {
  /** Position of its leaf in the log. */
  readonly index: bigint;
  /** Its leaf hash, 32 bytes. */
  readonly leaf: Uint8Array;
  readonly record: RecordGist | PotError;
}

/** What a batch's check needs of a record: whole ones of a long run would fill the memory. */
export interface RecordGist extends Pick<TrainingRecord, "runId" | "previous" | "step"> {
  /** Of the artifact it is about, where it is about one. */
  readonly digest?: string;
}

/**
 * Whether well-formed records are of one run and follow each other without a gap: each names the one before, which it does since it was
 * written. Nobody can leave one out between two others then, only at the end, and at the beginning where the check says so.
 */
export function checkRun(records: readonly ReadBatchRecord[]): readonly Check[] {
  const name = "run";
  const [first, ...rest] = records as readonly (ReadBatchRecord & { readonly record: RecordGist })[];
  const { runId, previous: before } = first!.record;
  let previous = first!;
  for (const current of rest) {
    const { index, record } = current;
    if (record.runId !== runId) {
      const detail = `record ${index} is of run ${record.runId}, record ${first!.index} of ${runId}`;
      return [{ name, outcome: "fail", detail }];
    }
    if (record.previous !== toHex(previous.leaf)) {
      const named = record.previous === undefined ? "no record" : `${record.previous.slice(0, 16)}…`;
      const detail =
        `record ${index} names ${named} as the run's record before it, not record ${previous.index}: ` +
        "one between them is missing";
      return [{ name, outcome: "fail", detail }];
    }
    previous = current;
  }
  const detail = `the records are those of run ${runId} from ${
    before === undefined ? "its first" : `record ${first!.index}, which is not its first,`
  } to record ${previous.index}, none between left out`;
  return [{ name, outcome: "pass", detail }];
}
