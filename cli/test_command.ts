import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

interface TestOptions extends GlobalOptions {
  blockchain?: boolean | undefined;
}

/** `pot test`. */
export function testCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Try this installation out. Exit code 0 when all of it works.")
    .option("--blockchain", "Also send a test hash through the configured chain, which costs gas.")
    .example("Without a chain", "pot test")
    .example("With the chain", "pot test --blockchain")
    .action(async (options: TestOptions) => {
      const config = await loadConfig(context, options);
      const { selfCheck } = await import("../lib/runtime/self_check.ts");
      const steps = await selfCheck(config, {
        withChain: options.blockchain === true,
        signal: context.signal,
      });
      const isHealthy = steps.every(({ ok }) => ok);
      const isUnreachable = steps.some(({ isUnreachable }) => isUnreachable);
      if (!isHealthy) context.exitWith(isUnreachable ? 4 : 1);
      report(context, options, {
        json: { ok: isHealthy, steps },
        lines: [
          ...steps.map(({ name, ok, detail }) => `  ${ok ? "✓" : "✗"} ${name.padEnd(12)} ${detail}`),
          isHealthy ? "all of it works" : "something does not work",
        ],
      });
    });
}
