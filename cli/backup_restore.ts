import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import type { RestoredBackup } from "../lib/runtime/restore_backup.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface RestoreOptions extends GlobalOptions {
  target?: string;
  out?: string;
  apply?: boolean | undefined;
  acceptFindings?: boolean | undefined;
}

/** `pot backup restore`. */
export function backupRestoreCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Unpack a backup aside, check every byte and audit it, and tell what would change; with --apply, put it in place. What was there is kept in the home folder; keys and tokens stay.",
    )
    .arguments("[name:string]")
    .option("--target <name:string>", "Of this target. [default: any]")
    .option("--out <folder:string>", "Unpack it there, and change nothing here.", { conflicts: ["apply"] })
    .option("--apply", "Put it in place. The daemon must not run.")
    .option("--accept-findings", "Also where its audit has findings.")
    .example("What would the newest one bring back?", "pot backup restore")
    .example("Do it", "pot backup restore --apply")
    .action(async (options: RestoreOptions, name?: string) => {
      const config = await loadConfig(context, options);
      const { openBackups } = await import("../lib/runtime/open_backups.ts");
      const backups = openBackups(config);
      const { signal } = context;
      const found = await backups.find({ name, target: options.target, signal });
      const chosen = { name: found.backup.name, target: found.target.name };
      if (options.out !== undefined) {
        const folder = resolve(context.folder, options.out);
        const [{ unpackBackup }, { denoFiles }] = await Promise.all([
          import("../lib/backup/unpack_backup.ts"),
          import("../lib/io/deno_files.ts"),
        ]);
        const identities = await backups.identities();
        const manifest = await whileWaiting(
          context,
          { label: "unpacking" },
          () => unpackBackup(found.target, found.backup, folder, { files: denoFiles, identities, signal }),
        );
        report(context, options, {
          json: {
            ...chosen,
            folder,
            fileCount: manifest.files.length,
            recordCount: manifest.log.recordCount,
          },
          lines: [
            `unpacked ${chosen.name} into ${folder}`,
            `  every one of its ${manifest.files.length} files is whole`,
          ],
        });
        return;
      }
      const { restoreBackup } = await import("../lib/runtime/restore_backup.ts");
      const restored = await whileWaiting(
        context,
        { label: "restoring" },
        () =>
          restoreBackup(config, { backups, found }, {
            isApplied: options.apply === true,
            isAcceptingFindings: options.acceptFindings === true,
            nowMs: Date.now(),
            signal,
          }),
      );
      const { audit, difference, kept, manifest } = restored;
      report(context, options, {
        json: {
          ...chosen,
          createdAt: manifest.createdAt,
          isApplied: kept !== undefined,
          ...(kept === undefined ? {} : { kept }),
          difference,
          audit: { outcome: audit.outcome, size: audit.size, root: audit.root, findings: audit.findings },
        },
        lines: restoreLines(restored, chosen.name),
        next: kept === undefined ? ["pot backup restore --apply"] : ["pot log audit"],
      });
      if (audit.outcome === "mismatch") context.exitWith(1);
    });
}

const MOST_NAMES = 10;

function restoreLines(
  { audit, difference, kept, manifest }: RestoredBackup,
  name: string,
): readonly string[] {
  const { recordsHere, recordsInBackup, added, changed, removed, stays } = difference;
  const names = (label: string, all: readonly string[]) =>
    all.length === 0 ? [] : [
      `  ${label.padEnd(9)} ${all.slice(0, MOST_NAMES).join(", ")}${
        all.length > MOST_NAMES ? `, and ${all.length - MOST_NAMES} more` : ""
      }`,
    ];
  return [
    kept === undefined ? `${name} is whole; nothing was changed` : `restored ${name}`,
    `  made      ${manifest.createdAt}, by pot ${manifest.version}`,
    `  records   ${recordsInBackup} in the backup, ${recordsHere ?? "an unknown number"} here${
      kept === undefined ? "" : " before"
    }`,
    `  audit     ${audit.outcome}${
      audit.findings.length === 0 ? "" : `: ${audit.findings.map(({ code }) => code).join(", ")}`
    }`,
    ...names("new", added),
    ...names("changed", changed),
    ...names("aside", removed),
    ...names("stays", stays),
    ...(kept === undefined ? [] : [`  before    ${kept}`]),
  ];
}
