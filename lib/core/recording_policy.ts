import type { RecordEvent } from "./record.ts";

/** Which events of a run are worth a record. */
export type RecordingRule = EveryRule | ImprovementRule;

/** The first event of each stretch of so many steps or epochs: with `every: 10`, those of 0 to 9, of 10 to 19, and so on. */
export interface EveryRule {
  /** A whole number from 1. */
  readonly every: number;
  /** What is counted. */
  readonly unit: "steps" | "epochs";
}

/** An event whose metric is better, by more than `byMoreThan`, than where this rule last recorded; the first value too. */
export interface ImprovementRule {
  /** The metric's name. */
  readonly improves: string;
  /** Whether smaller values are better (`min`) or larger ones (`max`). */
  readonly direction: "min" | "max";
  /** A number from 0, in the metric's own unit. */
  readonly byMoreThan: number;
}

/**
 * A recording policy as data: an event is recorded where any rule asks for it. Whatever the rules, the first and the last event of
 * a run always are; without rules only those two.
 */
export interface RecordingPolicySpec {
  /** In any order. */
  readonly rules: readonly RecordingRule[];
}

/** What a policy looks at. */
export type PolicyEvent = Pick<RecordEvent, "step" | "epoch" | "metrics">;

/** What a policy says of one event. */
export interface PolicyDecision {
  /** Whether the event is to be recorded. */
  readonly record: boolean;
  /** `first` where it is, and the rules that ask for the record; where none does, why each of them does not. */
  readonly reasons: readonly string[];
}

/** What became of the events so far. */
export interface PolicySummary {
  /** Events to be recorded, the last one included once `finish` handed it back. */
  readonly recorded: number;
  /** The others. */
  readonly skipped: number;
  /** How many of the skipped ones each reason was given for; an event has one reason a rule. */
  readonly skippedBecause: Readonly<Record<string, number>>;
}

/** Decides over the events of one run, in the order in which they happened. */
export interface RecordingPolicy<E extends PolicyEvent = RecordEvent> {
  /** Whether to record that event. Call it once an event: what it says depends on what came before. */
  decide(event: E): PolicyDecision;
  /**
   * The newest event where it was skipped, as the last one is always recorded; from then on it counts as recorded. The run may go
   * on afterwards.
   */
  finish(): E | undefined;
  /** What is skipped is counted, so that it can be shown. */
  summary(): PolicySummary;
}

/** What speaks against a record; `undefined` where the rule asks for it. */
type Judge = (event: PolicyEvent) => string | undefined;

/**
 * Makes a policy for one run. Pure: equal events in equal order are decided equally, so it can be rebuilt by replaying them.
 *
 * @example
 * ```ts
 * import { createRecordingPolicy, parseRecordingPolicy } from "@pot/ops";
 * const policy = createRecordingPolicy(parseRecordingPolicy("every=10epochs,improves=accuracy:max:0.01"));
 * console.log(policy.decide({ kind: "checkpoint", runId: "run-1", step: 1, epoch: 1 }).reasons); // first, and the epoch rule
 * console.log(policy.decide({ kind: "checkpoint", runId: "run-1", step: 2, epoch: 2 }).record); // false
 * ```
 */
export function createRecordingPolicy<E extends PolicyEvent = RecordEvent>(
  { rules }: RecordingPolicySpec,
): RecordingPolicy<E> {
  const judges = rules.map((rule) => ({
    text: formatRule(rule),
    judge: "every" in rule ? judgeStretch(rule) : judgeImprovement(rule),
  }));
  const because = new Map<string, number>();
  let recorded = 0;
  let skipped = 0;
  let hasBegun = false;
  let last: { readonly event: E; readonly reasons: readonly string[] } | undefined;

  return {
    decide(event) {
      // Every rule sees every event, also where another one asks for the record already.
      const judged = judges.map(({ text, judge }) => ({ text, against: judge(event) }));
      const asking = judged.filter(({ against }) => against === undefined).map(({ text }) => text);
      const reasons = hasBegun ? asking : ["first", ...asking];
      hasBegun = true;
      if (reasons.length > 0) {
        recorded++;
        last = undefined;
        return { record: true, reasons };
      }
      const against = judged.length === 0
        ? ["neither first nor last"]
        : judged.map((each) => `${each.text}: ${each.against}`);
      skipped++;
      for (const reason of against) because.set(reason, (because.get(reason) ?? 0) + 1);
      last = { event, reasons: against };
      return { record: false, reasons: against };
    },
    finish() {
      if (last === undefined) return undefined;
      const { event, reasons } = last;
      last = undefined;
      skipped--;
      recorded++;
      for (const reason of reasons) {
        const left = because.get(reason)! - 1;
        if (left === 0) because.delete(reason);
        else because.set(reason, left);
      }
      return event;
    },
    summary: () => ({ recorded, skipped, skippedBecause: Object.fromEntries(because) }),
  };
}

/** The rule as the command line spells it, such as `every=10epochs`. */
export function formatRule(rule: RecordingRule): string {
  return "every" in rule
    ? `every=${rule.every}${rule.unit}`
    : `improves=${rule.improves}:${rule.direction}:${rule.byMoreThan}`;
}

/** Compared with the event before, not with the furthest one: a run that was set back enters its old stretches anew. */
function judgeStretch({ every, unit }: EveryRule): Judge {
  let current: bigint | undefined;
  return ({ step, epoch }) => {
    const at = unit === "steps" ? step : epoch === undefined ? undefined : Math.floor(epoch);
    if (at === undefined) return `no ${unit === "steps" ? "step" : "epoch"}`;
    const stretch = BigInt(at) / BigInt(every);
    if (stretch === current) return "not due";
    current = stretch;
    return undefined;
  };
}

function judgeImprovement({ improves, direction, byMoreThan }: ImprovementRule): Judge {
  let best: number | undefined;
  return ({ metrics }) => {
    const value = metrics !== undefined && Object.hasOwn(metrics, improves) ? metrics[improves] : undefined;
    if (value === undefined) return "not measured";
    // Of a diverged run nothing is better, and nothing later would ever be better than an infinity.
    if (typeof value !== "number" || !Number.isFinite(value)) return "not finite";
    const isBetter = best === undefined ||
      (direction === "max" ? value > best + byMoreThan : value < best - byMoreThan);
    if (!isBetter) return "no improvement";
    best = value;
    return undefined;
  };
}
