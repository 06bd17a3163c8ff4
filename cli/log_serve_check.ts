import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { CheckServedLogOptions } from "../lib/log/check_served_log.ts";
import type { ServedFiles } from "../lib/log/served_files.ts";
import type { ServedLogReport } from "../lib/log/served_log_report.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { pinFromEnvironment } from "./pin_from_environment.ts";
import { startProgress } from "./progress.ts";
import { readLogKeys } from "./read_log_keys.ts";

interface ServeCheckOptions extends GlobalOptions {
  logKey?: string[];
  logKeys?: string;
  sample?: number;
  strict?: boolean | undefined;
}

/** `pot log serve-check`. */
export function logServeCheckCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Check a published log, folder or URL, as a client of C2SP tlog-tiles would: signature, every tile, every entry. Exit code 0: passes, 1: does not, 4: could not tell.",
    )
    .arguments("<url-or-folder:string>")
    .option(
      "--log-key <key:string>",
      "The log's verifier key; may be repeated. [default: this home's keys]",
      {
        collect: true,
      },
    )
    .option("--log-keys <file:string>", "The log's published set of keys (pot log keys --json).", {
      conflicts: ["log-key"],
    })
    .option(
      "--sample <n:integer>",
      "Look only at so many bundles of 256 entries, drawn at random, and at the newest.",
    )
    .option(
      "--strict",
      "Count headers that the specification asks for, and the server does not send, as failures.",
    )
    .example("A folder", "pot log serve-check public/log")
    .example("As others see it", "pot log serve-check https://example.org/log --log-keys log-keys.json")
    .example("A large one", "pot log serve-check https://example.org/log --sample 100")
    .action(async (options: ServeCheckOptions, target: string) => {
      if (options.sample !== undefined && options.sample < 1) {
        throw new UsageError("Cannot check the log as --sample must be 1 or more", {
          facts: [`--sample: ${options.sample}`],
          hint: "leave it out to check everything",
        });
      }
      const files = await openTarget(context, target);
      const keys = await findKeys(context, options);
      const found = await check(context, options, { files, keys });
      context.exitWith(exitCodeOf(found, options));
      const isSample = options.sample !== undefined;
      report(context, options, {
        json: { target: files.name, isSample, ...found },
        lines: reportLines(found, { name: files.name, isSample }),
      });
    });
}

interface CheckedParts {
  readonly files: ServedFiles;
  readonly keys: CheckServedLogOptions["keys"];
}

async function check(
  context: CliContext,
  { sample }: ServeCheckOptions,
  { files, keys }: CheckedParts,
): Promise<ServedLogReport> {
  const { checkServedLog } = await import("../lib/log/check_served_log.ts");
  using progress = startProgress(context, { label: "checking" });
  return await checkServedLog(files, {
    keys,
    signal: context.signal,
    onProgress: (done, total) => progress.update(done, total),
    ...(sample === undefined ? {} : { sample: { bundleCount: sample, random: secureRandom } }),
  });
}

async function openTarget(context: CliContext, target: string): Promise<ServedFiles> {
  const [{ servedFromFolder, servedOverHttp }, { parseUrlPrefix }, { denoFiles }] = await Promise.all([
    import("../lib/log/served_files.ts"),
    import("../lib/core/parse_url_prefix.ts"),
    import("../lib/io/deno_files.ts"),
  ]);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    await pinFromEnvironment(context);
    return servedOverHttp(parseUrlPrefix(target, "log"));
  }
  const folder = resolve(context.folder, target);
  if ((await Deno.stat(folder).catch(() => undefined))?.isDirectory) {
    return servedFromFolder(folder, { files: denoFiles });
  }
  throw new UsageError("Cannot check the log as there is no such folder", {
    facts: [`folder: ${folder}`],
    hint: "give the folder that pot log publish wrote, or the URL it is served at",
  });
}

async function findKeys(
  context: CliContext,
  options: ServeCheckOptions,
): Promise<CheckServedLogOptions["keys"]> {
  const { logKey, logKeys } = options;
  if (logKeys !== undefined) return await readLogKeys(resolve(context.folder, logKeys), "check the log");
  if (logKey !== undefined) return logKey.map((verifierKey) => ({ verifierKey, from: 0n }));
  const { home } = await loadConfig(context, options);
  const [{ findLogKey }, { openLogKeyring }, { denoFiles }] = await Promise.all([
    import("../lib/runtime/log_key.ts"),
    import("../lib/runtime/log_keyring.ts"),
    import("../lib/io/deno_files.ts"),
  ]);
  if (await findLogKey(home) !== undefined) {
    return await (await openLogKeyring(home, { files: denoFiles })).keys();
  }
  throw new UsageError("Cannot check the log as no key of it is given", {
    facts: [`home without a log: ${home}`],
    hint: "give what the log's owner publishes, with --log-key <key> or --log-keys <file>",
  });
}

/** From 0 to 1: whoever serves the log must not know beforehand what is looked at. */
function secureRandom(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}

/** A problem that was found stays one, also where the rest could not be looked at. */
function exitCodeOf(found: ServedLogReport, { strict }: ServeCheckOptions): 0 | 1 | 4 {
  if (found.problemCount > 0 || (strict === true && found.warnings.length > 0)) return 1;
  return found.unreachable === undefined ? 0 : 4;
}

function reportLines(
  found: ServedLogReport,
  { name, isSample }: { readonly name: string; readonly isSample: boolean },
): readonly string[] {
  const { origin, size, root, problems, problemCount, warnings, unreachable } = found;
  const answer = problemCount > 0
    ? `does not pass: ${count(problemCount, "problem")}`
    : unreachable === undefined
    ? isSample ? "passes, as far as the sample goes" : "passes"
    : "could not tell";
  return [
    `${answer}: ${name}`,
    ...(origin === undefined ? [] : [`  log       ${origin}`, `  size      ${size}`, `  root      ${root}`]),
    `  checked   ${count(found.entryCount, "record")} in ${count(found.fileCount, "file")}`,
    ...problems.map(({ path, problem }) => `  ✗ ${path}: ${problem}`),
    ...(problems.length < problemCount ? [`  ✗ and ${problemCount - problems.length} more`] : []),
    ...warnings.map(({ warning, path, count: files }) =>
      `  ! ${warning} (${files === 1 ? path : `${path} and ${files - 1} more`})`
    ),
    ...(unreachable === undefined ? [] : [`  ? ${unreachable}`]),
  ];
}
