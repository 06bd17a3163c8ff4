import { parseCron } from "../../core/cron.ts";
import { durationMs } from "../settings/setting.ts";
import { isObject, unknownFields } from "./section_reader.ts";

/** Timers hold less than 25 days. */
const LONGEST_MS = 7 * 86_400_000;

/** What a configuration says of jobs, by their names. */
export type JobsConfig = Readonly<Record<string, JobConfig>>;

/** What replaces a job's own data. */
export interface JobConfig {
  /** Cron expression in UTC. */
  readonly schedule?: string;
  /** False: it never runs by itself. */
  readonly isEnabled?: boolean;
  /** A run that lasts longer is aborted. */
  readonly timeoutMs?: number;
}

/**
 * The section `jobs`: `{ "anchor": { "schedule": "0 * * * *", "timeout": "10m" }, "digest": { "enabled": false } }`. Whether
 * there are such jobs, whoever runs them says.
 */
export function parseJobsSection(value: unknown, mistakes: string[]): JobsConfig {
  if (!isObject(value)) {
    mistakes.push("jobs in pot.jsonc must be an object of jobs by name");
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, job]) => [name, parseJob(job, `jobs.${name}`, mistakes)]),
  );
}

function parseJob(value: unknown, at: string, mistakes: string[]): JobConfig {
  if (!isObject(value)) {
    mistakes.push(`${at} in pot.jsonc must be an object such as { "schedule": "0 * * * *" }`);
    return {};
  }
  mistakes.push(...unknownFields(value, { at, known: ["schedule", "enabled", "timeout"] }));
  const { schedule, enabled, timeout } = value;
  if (schedule !== undefined) checkSchedule(schedule, `${at}.schedule`, mistakes);
  if (enabled !== undefined && typeof enabled !== "boolean") {
    mistakes.push(`${at}.enabled in pot.jsonc must be true or false`);
  }
  const timeoutMs = typeof timeout === "string" ? durationMs(timeout) : undefined;
  if (timeout !== undefined && (timeoutMs === undefined || timeoutMs > LONGEST_MS)) {
    mistakes.push(`${at}.timeout in pot.jsonc must be a duration of up to 7d, such as "90s", "10m" or "2h"`);
  }
  return {
    ...(typeof schedule === "string" ? { schedule } : {}),
    ...(typeof enabled === "boolean" ? { isEnabled: enabled } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function checkSchedule(schedule: unknown, at: string, mistakes: string[]): void {
  const parsed = typeof schedule === "string" ? parseCron(schedule) : undefined;
  if (parsed?.ok === true) return;
  const reason = parsed === undefined ? "" : `: ${parsed.reason}`;
  mistakes.push(`${at} in pot.jsonc must be a cron expression such as "0 * * * *"${reason}`);
}
