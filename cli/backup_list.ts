import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import { errorText, sizeText } from "./backup_lines.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { tableLines } from "./table_lines.ts";

/** `pot backup list`. */
export function backupListCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "List the backups of this log in every target, from the notes beside them. Exit code 4: a target did not answer.",
    )
    .example("All of them", "pot backup list")
    .action(async (options: GlobalOptions) => {
      const config = await loadConfig(context, options);
      const { openBackups } = await import("../lib/runtime/open_backups.ts");
      const listed = await openBackups(config).list({ signal: context.signal });
      const rows = listed.flatMap(({ listing }) => listing?.backups ?? []);
      context.exitWith(listed.some(({ error }) => error !== undefined) ? 4 : 0);
      report(context, options, {
        json: {
          targets: listed.map(({ target, listing, error }) => ({
            target,
            ...(listing === undefined ? { error: context.redactor(errorText(error)) } : {
              problems: listing.problems,
              backups: listing.backups.map(({ name, note, verified }) => ({
                name,
                createdAt: note.createdAt,
                version: note.version,
                origin: note.origin,
                recordCount: note.log.recordCount,
                size: note.log.size,
                sizeBytes: note.sizeBytes,
                sha256: note.sha256,
                isEncrypted: note.isEncrypted,
                anchorCount: note.anchorCount,
                chain: note.chain,
                ...(verified === undefined ? {} : { verifiedAt: verified.verifiedAt, depth: verified.depth }),
              })),
            }),
          })),
        },
        lines: [
          ...(rows.length === 0 ? ["there is no backup"] : tableLines([
            ["TARGET", "MADE", "RECORDS", "SIZE", "VERIFIED", "NAME"],
            ...rows.map(({ target, name, note, verified }) => [
              target,
              `${note.createdAt.slice(0, 16)}Z`,
              String(note.log.recordCount),
              sizeText(note.sizeBytes),
              verified === undefined ? "no" : verified.depth,
              name,
            ]),
          ])),
          ...listed.flatMap(({ target, listing, error }) => [
            ...(error === undefined ? [] : [`${target}: ${errorText(error)}`]),
            ...(listing?.problems ?? []).map((problem) => `${target}: ${problem}`),
          ]),
        ],
        next: rows.length === 0 ? ["pot backup create"] : ["pot backup restore"],
      });
    });
}
