import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { jobRunJson } from "./job_lines.ts";
import { report } from "./output.ts";
import { thisProcess } from "./this_process.ts";
import { accessOf, withRuntime } from "./with_runtime.ts";

/** `pot jobs run`. */
export function jobsRunCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Run one job now, whatever its schedule, and keep the record as the daemon does. Refused while it runs there. Exit code 1: it failed.",
    )
    .arguments("<name:string>")
    .example("See it fail before your eyes", "pot jobs run anchor")
    .action(async (options: GlobalOptions, name: string) => {
      await withRuntime(context, options, async (runtime) => {
        const [{ openJobs }, { createJobRunner }, { systemClock }] = await Promise.all([
          import("../jobs/open_jobs.ts"),
          import("../jobs/create_job_runner.ts"),
          import("../lib/runtime/system_clock.ts"),
        ]);
        await using opened = await openJobs(runtime, accessOf(context));
        const { alerts } = opened;
        const runner = createJobRunner({
          ...opened,
          ...(alerts && { onSeen: (seen) => alerts.observe(seen) }),
          clock: systemClock,
          holder: thisProcess(),
          log: (line) => context.err(`${line}\n`),
          redact: context.redactor,
        });
        const { run, result } = await runner.runNow(name, { signal: context.signal });
        const { observations = [], occurrences = [] } = result ?? {};
        context.exitWith(run.outcome === "ok" ? 0 : 1);
        report(context, options, {
          json: { job: name, ...jobRunJson(run) as object, observations, occurrences },
          lines: [
            run.outcome === "ok" ? `${name}: ${run.summary}` : `${name}: ${run.outcome}: ${run.error}`,
            ...observations.filter(({ status }) => status !== "ok").map((
              { check, subject, status, reason },
            ) => `  ${status}  ${subject === undefined ? check : `${check} ${subject}`}: ${reason}`),
            ...occurrences.map(({ name, detail }) => `  ${name}: ${detail}`),
          ],
          next: ["pot jobs list"],
        });
      });
    });
}
