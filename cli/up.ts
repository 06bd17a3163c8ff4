import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { thisProcess } from "./this_process.ts";
import { accessOf, withRuntime } from "./with_runtime.ts";

interface UpOptions extends GlobalOptions {
  port: number;
}

/** `pot up`. */
export function upCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Run the daemon: its jobs on their schedules, alerts, and the status page on this machine. Ends in order on SIGTERM or Ctrl-C.",
    )
    .option("--port <port:integer>", "Of the status server on 127.0.0.1; 0 picks a free one.", {
      default: 8787,
    })
    .example("Run it", "pot up")
    .example("Let a program find it", "pot up --port 0 --json")
    .action(async (options: UpOptions) => {
      await withRuntime(context, options, async (runtime) => {
        const [
          { runDaemon },
          { createCronScheduler },
          { openJobs },
          { openLeadership },
          { requireConfiguredKeyInForce },
          { systemClock },
          { errorLine },
          { telemetryNotice },
        ] = await Promise.all([
          import("../jobs/run_daemon.ts"),
          import("../jobs/cron_scheduler.ts"),
          import("../jobs/open_jobs.ts"),
          import("../lib/runtime/open_leadership.ts"),
          import("../lib/runtime/open_signer.ts"),
          import("../lib/runtime/system_clock.ts"),
          import("../jobs/error_line.ts"),
          import("../lib/runtime/telemetry_notice.ts"),
        ]);
        const log = (line: string) => context.err(`${new Date().toISOString()} ${context.redactor(line)}\n`);
        const { config } = runtime;
        const notice = telemetryNotice(context.env);
        if (notice !== undefined) log(notice);
        let isLeading = false;
        const troubles = new Map<string, string>();
        const tellMetrics = (collector: string, error: unknown) => {
          const line = errorLine(error, context.redactor);
          // Once, not at every scrape of an outage.
          if (troubles.get(collector) !== line) log(`metrics: ${collector}: ${line}`);
          troubles.set(collector, line);
        };
        await requireConfiguredKeyInForce(config);
        await using opened = await openJobs(runtime, accessOf(context));
        await runDaemon(runtime, {
          ...opened,
          metrics: opened.openMetrics({ daemon: { isLeading: () => isLeading }, onError: tellMetrics }),
          onLeading: (is) => isLeading = is,
          home: config.home,
          leadership: await openLeadership(config, { clock: systemClock }),
          scheduler: createCronScheduler({ log }),
          clock: systemClock,
          holder: thisProcess(),
          redact: context.redactor,
          port: options.port,
          log,
          onListen: (url) => report(context, options, { json: { statusUrl: url }, lines: [] }),
          signal: context.signal,
        });
      });
    });
}
