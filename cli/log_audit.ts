import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { LogKey } from "../lib/core/log_keys.ts";
import type { AuditReport } from "../lib/recorder/audit_log.ts";
import type { AnyCommand } from "./any_command.ts";
import { auditLines } from "./audit_lines.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { pathFrom } from "./path_from.ts";
import { startProgress } from "./progress.ts";

interface AuditOptions extends GlobalOptions {
  offline?: boolean | undefined;
  rpc?: string[];
  block?: string;
  logKeys?: string;
}

/** `pot log audit`. */
export function logAuditCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Derive everything again from the records and compare: log, anchors, ledger, contract. Changes nothing. Exit code 0: clean, 1: mismatch, 4: could not tell.",
    )
    .option("--offline", "Ask no chain: hold what is here against itself alone.")
    .option("--rpc <url:string>", "Ask this endpoint; may be repeated. [default: the configured ones]", {
      collect: true,
    })
    .option("--block <number:string>", "Ask the contract at this final block. [default: the newest one]")
    .option(
      "--log-keys <file:string>",
      "The log's published keys (pot log keys --json), in place of those kept here.",
    )
    .example("Everything", "pot log audit")
    .example("Without a network", "pot log audit --offline")
    .action(async (options: AuditOptions) => {
      const block = await checkOptions(options);
      const config = await loadConfig(context, options);
      const logKeys = await readLogKeys(context, options);
      const { auditHome } = await import("../lib/runtime/audit_home.ts");
      using progress = startProgress(context, { label: "auditing" });
      const audit = await auditHome(config, {
        isOffline: options.offline === true,
        ...(options.rpc === undefined ? {} : { rpcUrls: options.rpc }),
        ...(block === undefined ? {} : { block }),
        ...(logKeys === undefined ? {} : { logKeys }),
        onProgress: ({ doing, done, total }) => progress.update(done, total, doing),
        signal: context.signal,
      });
      progress[Symbol.dispose]();
      context.exitWith(EXIT_CODES[audit.outcome]);
      report(context, options, { json: audit, lines: auditLines(audit) });
    });
}

const EXIT_CODES: Readonly<Record<AuditReport["outcome"], 0 | 1 | 4>> = { clean: 0, mismatch: 1, unknown: 4 };

async function checkOptions({ offline, rpc, block }: AuditOptions): Promise<bigint | undefined> {
  if (offline === true && (rpc !== undefined || block !== undefined)) {
    throw new UsageError("Cannot audit the log as --offline excludes --rpc and --block", {
      hint: "leave one of them out",
    });
  }
  const { isAllowedRpcUrl } = await import("../lib/runtime/settings/setting.ts");
  if (rpc !== undefined && !rpc.every(isAllowedRpcUrl)) {
    throw new UsageError(
      "Cannot audit the log as --rpc must be an https:// URL (http:// only to this machine)",
      {
        hint: "give an endpoint's URL, such as https://rpc.example.org",
      },
    );
  }
  if (block === undefined) return undefined;
  if (/^(?:0|[1-9][0-9]{0,17})$/.test(block)) return BigInt(block);
  throw new UsageError("Cannot audit the log as --block is no block number", {
    facts: [`given: ${JSON.stringify(block.slice(0, 80))}`],
    hint: "give it in decimal, such as 65000000",
  });
}

/** Whom to trust for the log's checkpoints. A set that cannot be read is the caller's mistake, never a mismatch. */
async function readLogKeys(
  context: CliContext,
  { logKeys }: AuditOptions,
): Promise<readonly LogKey[] | undefined> {
  if (logKeys === undefined) return undefined;
  const file = pathFrom(context.folder, logKeys);
  const { parseLogKeys } = await import("../lib/core/log_keys.ts");
  try {
    return await parseLogKeys(await Deno.readTextFile(file));
  } catch (cause) {
    throw new UsageError("Cannot audit the log as the published keys cannot be read", {
      facts: [`file: ${file}`, ...(cause instanceof Error ? [`reason: ${cause.message}`] : [])],
      hint: "get what pot log keys --json printed from the log's owner",
      cause,
    });
  }
}
