import { isObject, unknownFields } from "./section_reader.ts";

/** What a configuration says of jobs, by their names. */
export type JobsConfig = Readonly<Record<string, JobConfig>>;

/** What replaces a job's own data. */
export interface JobConfig {
  /** Cron expression in UTC. */
  readonly schedule?: string;
  /** False: it never runs by itself. */
  readonly isEnabled?: boolean;
}

/** The section `jobs`: `{ "anchor": { "schedule": "0 * * * *" }, "digest": { "enabled": false } }`. */
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
  mistakes.push(...unknownFields(value, { at, known: ["schedule", "enabled"] }));
  const { schedule, enabled } = value;
  if (schedule !== undefined && typeof schedule !== "string") {
    mistakes.push(`${at}.schedule in pot.jsonc must be a cron expression such as "0 * * * *"`);
  }
  if (enabled !== undefined && typeof enabled !== "boolean") {
    mistakes.push(`${at}.enabled in pot.jsonc must be true or false`);
  }
  return {
    ...(typeof schedule === "string" ? { schedule } : {}),
    ...(typeof enabled === "boolean" ? { isEnabled: enabled } : {}),
  };
}
