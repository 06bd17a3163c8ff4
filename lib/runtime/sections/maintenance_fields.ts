import type { Silence } from "../../alerts/engine/alert_state.ts";
import { isObject, unknownFields } from "./section_reader.ts";

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/;

/** Reads the planned maintenance of pot.jsonc: each names what is quiet, why, who says so, from when and until when. */
export function parseMaintenance(value: unknown, mistakes: string[]): readonly Silence[] {
  if (!Array.isArray(value)) {
    mistakes.push("alerts.maintenance in pot.jsonc must be a list");
    return [];
  }
  return value.flatMap((item, index) => parseOne(item, index, mistakes) ?? []);
}

function parseOne(value: unknown, index: number, mistakes: string[]): Silence | undefined {
  const at = `alerts.maintenance[${index}]`;
  const say = (field: string, expected: string) => {
    mistakes.push(`${at}${field} in pot.jsonc must be ${expected}`);
    return undefined;
  };
  if (!isObject(value)) {
    return say("", 'an object such as { "rule": "endpoint-*", "until": "2026-12-01T06:00Z", … }');
  }
  mistakes.push(
    ...unknownFields(value, { at, known: ["rule", "subject", "from", "until", "reason", "by"] }),
  );
  const { rule, subject, from, until, reason, by } = value;
  const time = (field: string, text: unknown) =>
    typeof text === "string" && TIME.test(text) && !Number.isNaN(Date.parse(text))
      ? Date.parse(text)
      : say(`.${field}`, "a UTC time such as 2026-12-01T06:00Z");
  if (rule === undefined && subject === undefined) say("", "about a rule or a subject");
  if (rule !== undefined && !isText(rule)) say(".rule", "a pattern such as endpoint-*");
  if (subject !== undefined && !isText(subject)) say(".subject", "a pattern such as endpoint-2");
  if (!isText(reason)) say(".reason", "given: why");
  if (!isText(by)) say(".by", "given: who says so");
  const fromMs = from === undefined ? 0 : time("from", from);
  const untilMs = time("until", until);
  if (fromMs === undefined || untilMs === undefined || !isText(reason) || !isText(by)) return undefined;
  if (untilMs <= fromMs) return say(".until", "after from");
  return {
    id: `maintenance-${index}`,
    ...(isText(rule) ? { rule } : {}),
    ...(isText(subject) ? { subject } : {}),
    reason,
    by,
    fromMs,
    untilMs,
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
