import type { TrainingRecord } from "./record.ts";

/** One record of a run, as the order is judged by it. */
export interface RunEntry extends Pick<TrainingRecord, "previous" | "step" | "recordedAt" | "occurredAt"> {
  /** Position in the log. */
  readonly index: bigint;
  /** The record's id: its leaf hash. */
  readonly id: string;
}

/**
 * What is wrong with the order. `gap` and `fork` break the chain:
 * - `gap`: the record does not name a record of its run that stands before it;
 * - `fork`: it names one that another record named already;
 * - `clock`: it was recorded, or happened, earlier than the record before it, or happened after it was recorded;
 * - `step`: its step is smaller than that of the record before it.
 */
export type RunFindingKind = "gap" | "fork" | "clock" | "step";

/** One thing that is wrong, at one record. */
export interface RunFinding {
  /** What sort of thing. */
  readonly kind: RunFindingKind;
  /** `broken` where the chain does not hold, `warning` where what it holds is odd. */
  readonly severity: "broken" | "warning";
  /** Position in the log of the record that shows it. */
  readonly index: bigint;
  /** That record's id. */
  readonly id: string;
  /** What is wrong, in a few words. */
  readonly detail: string;
}

/** Where the record with some id stands. */
export interface RecordPlace {
  /** Position in the log. */
  readonly index: bigint;
  /** Its run. */
  readonly runId: string;
}

/** What a check of one run needs to know. */
export interface RunOrderOptions {
  /** The run whose records are checked. */
  readonly runId: string;
  /**
   * Finds any record of the log by its id; asked only where a record does not name an end of the chain, so that no id has to be
   * kept. `undefined` where the log holds none.
   */
  readonly findRecord: (id: string) => Promise<RecordPlace | undefined>;
}

/** Takes the records of one run in the order of the log; keeps no more than the chain's ends. */
export interface RunOrderCheck {
  /** What is wrong at the next record. */
  add(entry: RunEntry): Promise<readonly RunFinding[]>;
}

/** Ends that are remembered; a run that forked more often shows as broken long before. */
const MAX_ENDS = 1_024;

/**
 * Checks that the records of one run form one chain, each naming the one before it, and that clock and step go forward. Records are
 * taken one by one; memory does not grow with the run.
 */
export function createRunOrderCheck({ runId, findRecord }: RunOrderOptions): RunOrderCheck {
  /** Records that nothing names yet: one in a chain that holds, one more a fork or gap. */
  const ends = new Set<string>();
  let before: RunEntry | undefined;
  let withStep: RunEntry | undefined;

  async function checkLink(
    { index, previous }: RunEntry,
  ): Promise<Pick<RunFinding, "kind" | "detail"> | undefined> {
    if (previous === undefined) {
      return before === undefined
        ? undefined
        : { kind: "gap", detail: `names no record before it, but record ${before.index} is` };
    }
    if (ends.delete(previous)) return undefined;
    const place = await findRecord(previous);
    const named = `names ${previous} as the record before it`;
    if (place === undefined) return { kind: "gap", detail: `${named}, which the log does not hold` };
    if (place.runId !== runId) return { kind: "gap", detail: `${named}, which is one of run ${place.runId}` };
    if (place.index >= index) return { kind: "gap", detail: `${named}, which comes after it` };
    return {
      kind: "fork",
      detail: `names record ${place.index} as the one before it, and so does another record`,
    };
  }

  function checkTimes({ recordedAt, occurredAt }: RunEntry): readonly string[] {
    return [
      ...(before !== undefined && recordedAt < before.recordedAt
        ? [`recorded at ${recordedAt}, before record ${before.index} (${before.recordedAt})`]
        : []),
      ...(before?.occurredAt !== undefined && occurredAt !== undefined && occurredAt < before.occurredAt
        ? [`happened at ${occurredAt}, before record ${before.index} (${before.occurredAt})`]
        : []),
      ...(occurredAt !== undefined && occurredAt > recordedAt
        ? [`happened at ${occurredAt}, after it was recorded (${recordedAt})`]
        : []),
    ];
  }

  return {
    async add(entry) {
      const { index, id, step } = entry;
      const link = await checkLink(entry);
      const findings: RunFinding[] = link === undefined ? [] : [{ ...link, severity: "broken", index, id }];
      for (const detail of checkTimes(entry)) {
        findings.push({ kind: "clock", severity: "warning", index, id, detail });
      }
      if (step !== undefined) {
        if (withStep !== undefined && BigInt(step) < BigInt(withStep.step!)) {
          const detail = `step ${step} after step ${withStep.step} of record ${withStep.index}`;
          findings.push({ kind: "step", severity: "warning", index, id, detail });
        }
        withStep = entry;
      }
      if (ends.size >= MAX_ENDS) ends.delete(ends.values().next().value!);
      ends.add(id);
      before = entry;
      return findings;
    },
  };
}
