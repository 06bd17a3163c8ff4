import { Command } from "@cliffy/command";
import type { JobListing } from "../jobs/list_jobs.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { jobRunJson, shortTime } from "./job_lines.ts";
import { report } from "./output.ts";
import { tableLines } from "./table_lines.ts";
import { withRuntime } from "./with_runtime.ts";

/** `pot jobs list`. */
export function jobsListCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "List the daemon's jobs: schedule (UTC), last run and what became of it, when each is due next.",
    )
    .example("All of them", "pot jobs list")
    .example("With their last runs, for a program", "pot jobs list --json")
    .action(async (options: GlobalOptions) => {
      await withRuntime(context, options, async (runtime) => {
        const [{ openJobs }, { listJobs }] = await Promise.all([
          import("../jobs/open_jobs.ts"),
          import("../jobs/list_jobs.ts"),
        ]);
        await using opened = await openJobs(runtime);
        const jobs = await listJobs(opened.jobs, { state: opened.state, nowMs: Date.now() });
        report(context, options, {
          json: { jobs: jobs.map(jobJson) },
          lines: tableLines([
            ["JOB", "SCHEDULE", "LAST RUN", "OUTCOME", "TOOK", "NEXT DUE"],
            ...jobs.map(jobCells),
          ]).concat(jobs.flatMap(troubleLines)),
          next: ["pot jobs run <name>"],
        });
      });
    });
}

function jobCells({ name, schedule, isEnabled, claim, lastRun, nextDueMs }: JobListing): readonly string[] {
  const took = lastRun && `${((lastRun.endedAtMs - lastRun.startedAtMs) / 1_000).toFixed(1)} s`;
  return [
    name,
    schedule,
    lastRun === undefined ? "-" : shortTime(lastRun.startedAtMs),
    claim !== undefined ? "running" : lastRun?.outcome ?? "-",
    claim === undefined ? took ?? "-" : "-",
    isEnabled ? shortTime(nextDueMs!) : "switched off",
  ];
}

/** Why it does not go well, under the table. */
function troubleLines({ name, claim, failureCount, runs }: JobListing): readonly string[] {
  const bad = failureCount === 0
    ? undefined
    : runs.findLast(({ outcome }) => outcome !== "ok" && outcome !== "stopped");
  return [
    ...(claim === undefined ? [] : [
      `${name}: runs since ${
        shortTime(claim.startedAtMs)
      } in process ${claim.holder.pid} on ${claim.holder.host}`,
    ]),
    ...(bad === undefined ? [] : [
      `${name}: ${bad.outcome}${failureCount > 1 ? ` ${failureCount} times in a row` : ""}: ${bad.error}`,
    ]),
  ];
}

function jobJson({ claim, lastOkMs, nextDueMs, lastRun, runs, ...job }: JobListing): unknown {
  return {
    ...job,
    ...(nextDueMs === undefined ? {} : { nextDue: new Date(nextDueMs).toISOString() }),
    ...(lastOkMs === undefined ? {} : { lastOk: new Date(lastOkMs).toISOString() }),
    ...(claim && { running: { since: new Date(claim.startedAtMs).toISOString(), ...claim.holder } }),
    ...(lastRun && { lastRun: jobRunJson(lastRun) }),
    runs: runs.map(jobRunJson),
  };
}
