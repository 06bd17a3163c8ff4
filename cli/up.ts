import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

interface UpOptions extends GlobalOptions {
  port: number;
}

/** `pot up`. */
export function upCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Run the daemon: anchor every ten minutes, and serve the status page on this machine.")
    .option("--port <port:integer>", "Of the status server on 127.0.0.1; 0 picks a free one.", {
      default: 8787,
    })
    .example("Run it", "pot up")
    .example("Let a program find it", "pot up --port 0 --json")
    .action(async (options: UpOptions) => {
      await withRuntime(context, options, async (runtime) => {
        const [{ runDaemon }, { createCronScheduler }] = await Promise.all([
          import("../jobs/run_daemon.ts"),
          import("../jobs/cron_scheduler.ts"),
        ]);
        const log = (line: string) => context.err(`${new Date().toISOString()} ${line}\n`);
        await runDaemon(runtime, {
          scheduler: createCronScheduler({ log }),
          port: options.port,
          log,
          onListen: (url) => report(context, options, { json: { statusUrl: url }, lines: [] }),
          signal: context.signal,
        });
      });
    });
}
