import { eventKey } from "../core/encode_record.ts";
import { toHex } from "../core/hex.ts";
import { parseEvent } from "../core/parse_event.ts";
import type { RecordEvent } from "../core/record.ts";
import {
  createRecordingPolicy,
  type PolicyDecision,
  type PolicySummary,
  type RecordingPolicy,
  type RecordingPolicySpec,
} from "../core/recording_policy.ts";
import type { Recorder, RecorderOptions, RecordResult } from "./recorder.ts";

/** What became of one event. */
export interface PolicyOutcome {
  /** Why it was recorded, or why not. */
  readonly reasons: readonly string[];
  /** Where the record stands; absent where the policy skipped the event. */
  readonly result?: RecordResult;
}

/** A recorder that leaves out what its policy does not ask for. */
export interface PolicyRecorder {
  /** Records a training checkpoint, or skips it. */
  recordCheckpoint(event: Omit<RecordEvent, "kind">, options?: RecorderOptions): Promise<PolicyOutcome>;
  /** Records a validation result, or skips it. */
  recordValidation(event: Omit<RecordEvent, "kind">, options?: RecorderOptions): Promise<PolicyOutcome>;
  /** Records any event, or skips it. Where recording fails, submit the event again: it is not decided anew. */
  record(event: RecordEvent, options?: RecorderOptions): Promise<PolicyOutcome>;
  /** Call it when training ends: records the newest event of each run and kind where it was skipped. */
  finish(options?: RecorderOptions): Promise<readonly RecordResult[]>;
  /** What was recorded and skipped so far, by run and kind of event. */
  summary(): readonly PolicyRecorderSummary[];
}

/** What became of one run's events of one kind. */
export interface PolicyRecorderSummary extends PolicySummary {
  /** The run. */
  readonly runId: string;
  /** The kind of event. */
  readonly kind: RecordEvent["kind"];
}

/**
 * Puts a recording policy before a recorder. Each run, and in it each kind of event, is decided by itself, in the order of the calls.
 *
 * @example
 * ```ts
 * import { parseRecordingPolicy, recordByPolicy, type Recorder } from "@pot/ops";
 * async function train(recorder: Recorder): Promise<void> {
 *   const sparing = recordByPolicy(recorder, parseRecordingPolicy("every=1000steps,improves=loss:min:0.01"));
 *   for (let step = 0; step < 10_000; step += 100) {
 *     await sparing.recordCheckpoint({ runId: "run-1", step, metrics: { loss: 1 / (step + 1) } });
 *   }
 *   await sparing.finish();
 * }
 * console.log(train.name);
 * ```
 */
export function recordByPolicy(
  recorder: Pick<Recorder, "record">,
  spec: RecordingPolicySpec,
): PolicyRecorder {
  const policies = new Map<string, { runId: string; kind: RecordEvent["kind"]; policy: RecordingPolicy }>();
  /** Events that are to be recorded and are not yet, by event key: the policy has counted them already. */
  const owed = new Map<string, PolicyDecision>();
  /** Last events still to be recorded: kept over a call of `finish` that fails. */
  const lastEvents: RecordEvent[] = [];

  function policyOf({ runId, kind }: RecordEvent): RecordingPolicy {
    const key = `${kind} ${runId}`;
    const known = policies.get(key);
    if (known !== undefined) return known.policy;
    const policy = createRecordingPolicy(spec);
    policies.set(key, { runId, kind, policy });
    return policy;
  }

  async function record(input: RecordEvent, options?: RecorderOptions): Promise<PolicyOutcome> {
    // Checked first, so that an event that cannot be recorded is none that was decided.
    const event = parseEvent(input);
    const key = toHex(eventKey(event));
    const decision = owed.get(key) ?? policyOf(event).decide(event);
    const { reasons } = decision;
    if (!decision.record) return { reasons };
    owed.set(key, decision);
    const result = await recorder.record(event, options);
    owed.delete(key);
    return { reasons, result };
  }

  return {
    record,
    recordCheckpoint: (event, options) => record({ ...event, kind: "checkpoint" }, options),
    recordValidation: (event, options) => record({ ...event, kind: "validation" }, options),
    async finish(options) {
      for (const { policy } of policies.values()) {
        const event = policy.finish();
        if (event === undefined) continue;
        owed.set(toHex(eventKey(event)), { record: true, reasons: ["last"] });
        lastEvents.push(event);
      }
      const results: RecordResult[] = [];
      for (let event = lastEvents[0]; event !== undefined; event = lastEvents[0]) {
        const { result } = await record(event, options);
        results.push(result!);
        lastEvents.shift();
      }
      return results;
    },
    summary: () =>
      [...policies.values()].map(({ runId, kind, policy }) => ({ runId, kind, ...policy.summary() })),
  };
}
