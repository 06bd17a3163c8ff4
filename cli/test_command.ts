import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

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
      const { signal } = context;
      const withChain = options.blockchain === true;
      const steps = await whileWaiting(
        context,
        { label: "trying" },
        () => selfCheck(config, { withChain, signal }),
      );
      const isHealthy = steps.every(({ ok }) => ok);
      // What nobody answered about says nothing; one real failure says no.
      const isWrong = steps.some(({ ok, isUnreachable }) => !ok && isUnreachable !== true);
      if (!isHealthy) context.exitWith(isWrong ? 1 : 4);
      report(context, options, {
        json: { ok: isHealthy, steps },
        lines: [
          ...steps.map(({ name, ok, detail }) => `  ${ok ? "✓" : "✗"} ${name.padEnd(12)} ${detail}`),
          isHealthy ? "all of it works" : "something does not work",
        ],
      });
    });
}
