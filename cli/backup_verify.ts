import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface VerifyOptions extends GlobalOptions {
  target?: string;
}

/** `pot backup verify`. */
export function backupVerifyCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Read a backup back and compare every byte with what was written. Marks it as verified, or takes that mark away. Exit code 1: it is damaged.",
    )
    .arguments("[name:string]")
    .option("--target <name:string>", "Of this target. [default: any]")
    .example("The newest one", "pot backup verify")
    .action(async (options: VerifyOptions, name?: string) => {
      const config = await loadConfig(context, options);
      const { openBackups } = await import("../lib/runtime/open_backups.ts");
      const backups = openBackups(config);
      const { signal } = context;
      const found = await backups.find({ name, target: options.target, signal });
      const depth = await whileWaiting(
        context,
        { label: "reading back" },
        () => backups.verify(found, { signal }),
      );
      report(context, options, {
        json: { name: found.backup.name, target: found.target.name, verified: depth },
        lines: [
          `${found.backup.name} in ${found.target.name} is what was written`,
          depth === "content"
            ? "  every file in it has the digest of its manifest"
            : "  the archive has its digest; what is in it nobody can see without the identity (POT_BACKUP_IDENTITY_FILE)",
        ],
        next: ["pot backup restore"],
      });
    });
}
