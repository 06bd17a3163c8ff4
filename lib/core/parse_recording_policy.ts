import { UsageError } from "./errors.ts";
import { parseJson } from "./parse_json.ts";
import type { RecordingPolicySpec, RecordingRule } from "./recording_policy.ts";

const MAX_TEXT = 4_096;
const MAX_RULES = 32;
const MAX_METRIC_NAME = 128;
const HINT = "write it like: every=10epochs,improves=accuracy:max:0.01";

/**
 * Reads a recording policy: the command line's form, the same as JSON text, or an object.
 *
 * ```text
 * policy   = "ends" / rule *( "," rule )
 * rule     = "every=" number ( "steps" / "epochs" )        ; whole, from 1; "step" and "epoch" too
 *          / "improves=" metric ":" ( "min" / "max" ) [ ":" margin ]
 * margin   = a number from 0                               ; 0 where it is absent
 * metric   = a metric's name without comma                 ; one with a comma needs the JSON form
 *
 * json     = { "rules": [ { "every": 10, "unit": "epochs" },
 *                         { "improves": "accuracy", "direction": "max", "byMoreThan": 0.01 } ] }
 * ```
 *
 * `ends` is the policy without rules: the first and the last event alone.
 *
 * @throws {UsageError} naming the rule that cannot be read.
 */
export function parseRecordingPolicy(input: unknown): RecordingPolicySpec {
  if (typeof input !== "string") return readSpec(input);
  if (input.length > MAX_TEXT) throw refuse(`is longer than ${MAX_TEXT} characters`);
  const text = input.trim();
  if (text === "") throw refuse("is empty");
  if (text.startsWith("{")) {
    return readSpec(
      parseJson(text, { subject: "the recording policy", maxBytes: MAX_TEXT * 3, maxDepth: 4 }),
    );
  }
  if (text === "ends") return { rules: [] };
  return checked(text.split(",").map((rule) => parseRule(rule.trim())));
}

function parseRule(text: string): RecordingRule {
  const every = /^every=(\d{1,16})(steps?|epochs?)$/.exec(text);
  if (every !== null) {
    return readRule({ every: Number(every[1]), unit: every[2]!.startsWith("s") ? "steps" : "epochs" }, text);
  }
  const improves = /^improves=(.+)$/.exec(text);
  if (improves !== null) {
    // From the right, as metrics are often called like val:accuracy.
    const parts = improves[1]!.split(":");
    const margin = isDirection(parts.at(-1)) ? "0" : parts.pop()!;
    const direction = parts.pop();
    if (isDirection(direction) && margin.trim() !== "") {
      return readRule({ improves: parts.join(":"), direction, byMoreThan: Number(margin) }, text);
    }
    throw refuse("has an improvement without its direction", {
      rule: text,
      expected: "improves=<metric>:<min|max>:<margin>",
    });
  }
  throw refuse("has a rule that is not known", {
    rule: text,
    expected: "every=<n>steps, every=<n>epochs, improves=<metric>:<min|max>:<margin>, or ends alone",
  });
}

function readSpec(value: unknown): RecordingPolicySpec {
  if (!isObject(value) || !Array.isArray(value.rules) || Object.keys(value).length !== 1) {
    throw refuse('is not an object with one field, "rules", that is a list');
  }
  return checked(value.rules.map((rule) => readRule(rule, JSON.stringify(rule))));
}

function readRule(value: unknown, text: string | undefined): RecordingRule {
  const rule = text ?? String(value);
  if (!isObject(value)) throw refuse("has a rule that is not an object", { rule });
  const fields = Object.keys(value).sort().join(" ");
  if (fields === "every unit") {
    const { every, unit } = value;
    if (!Number.isSafeInteger(every) || (every as number) < 1) {
      throw refuse("has a rule whose count is not a whole number from 1", { rule });
    }
    if (unit !== "steps" && unit !== "epochs") {
      throw refuse("has a rule whose unit is neither steps nor epochs", { rule });
    }
    return { every: every as number, unit };
  }
  if (fields !== "byMoreThan direction improves") {
    throw refuse("has a rule that is not known", {
      rule,
      expected: "{ every, unit } or { improves, direction, byMoreThan }",
    });
  }
  const { improves, direction, byMoreThan } = value;
  if (typeof improves !== "string" || improves === "" || improves.length > MAX_METRIC_NAME) {
    throw refuse(`has a rule whose metric is not a name of 1 to ${MAX_METRIC_NAME} characters`, { rule });
  }
  if (!isDirection(direction)) throw refuse("has a rule whose direction is neither min nor max", { rule });
  if (typeof byMoreThan !== "number" || !Number.isFinite(byMoreThan) || byMoreThan < 0) {
    throw refuse("has a rule whose margin is not a number from 0", { rule });
  }
  return { improves, direction, byMoreThan };
}

function checked(rules: readonly RecordingRule[]): RecordingPolicySpec {
  if (rules.length > MAX_RULES) throw refuse(`has more than ${MAX_RULES} rules`);
  return { rules };
}

function isDirection(value: unknown): value is "min" | "max" {
  return value === "min" || value === "max";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(why: string, facts: Readonly<Record<string, string>> = {}): UsageError {
  return new UsageError(`Cannot use the recording policy as it ${why}`, {
    facts: Object.entries(facts).map(([name, value]) => `${name}: ${value.slice(0, 200)}`),
    hint: HINT,
  });
}
