import { join, resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { compileNamePattern } from "../lib/core/name_pattern.ts";
import { parseEvent } from "../lib/core/parse_event.ts";
import { parseRecordingPolicy } from "../lib/core/parse_recording_policy.ts";
import type { RecordingPolicySpec } from "../lib/core/recording_policy.ts";
import type { WatchFolderOptions } from "../lib/recorder/watch_folder.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { newsLines, summaryLines } from "./watch_lines.ts";
import { requireLog, withRuntime } from "./with_runtime.ts";

interface WatchOptions extends GlobalOptions {
  run: string;
  model?: string;
  pattern?: string;
  stepsPerEpoch?: number;
  policy?: string;
  metricsFile?: string;
  settle: number;
  once?: boolean | undefined;
}

/** `pot watch`. */
export function watchCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Record training checkpoints of a run as they appear in a folder: whole files only, nothing twice.",
    )
    .arguments("<folder:string>")
    .option("-r, --run <id:string>", "The run: letters, digits, dot, underscore, hyphen.", { required: true })
    .option("--model <id:string>", "The model's name.")
    .option("--pattern <template:string>", "How names tell step and epoch, such as ckpt-{step}-e{epoch}.pt.")
    .option("--steps-per-epoch <n:integer>", "The steps of names that tell only their epoch.")
    .option("--policy <rules:string>", "What to record, such as every=10epochs,improves=accuracy:max:0.01.")
    .option("--metrics-file <file:string>", "JSON lines that the trainer writes: step, and metrics by name.")
    .option("--settle <seconds:number>", "How long a file must stay as it is to count as complete.", {
      default: 5,
    })
    .option("--once", "Catch up with what is there and end.")
    .example("While training", "pot watch checkpoints --run run-1")
    .example("After it", "pot watch checkpoints --run run-1 --once")
    .example("Less of it", "pot watch checkpoints --run run-1 --policy every=1000steps")
    .action(async (options: WatchOptions, folder: string) => {
      const watchOptions = parseWatchOptions(options, context.signal);
      const path = await realFolder(resolve(context.folder, folder));
      await requireLog(context, options);
      await withRuntime(context, options, async ({ recorder, documents, config }) => {
        const [{ watchFolder }, { openWatchedFolder }, { denoFiles }, { systemClock }, { readStepMetrics }] =
          await Promise.all([
            import("../lib/recorder/watch_folder.ts"),
            import("./watched_folder.ts"),
            import("../lib/io/deno_files.ts"),
            import("../lib/runtime/system_clock.ts"),
            import("../lib/io/read_step_metrics.ts"),
          ]);
        const say = options.json === true ? context.err : context.out;
        const tell = (line: string) => say(`${line}\n`);
        using watched = openWatchedFolder(path, {
          context,
          documents,
          isOnce: options.once === true,
          onNotice: tell,
        });
        if (options.once !== true) context.err(`watching ${path}; end with Ctrl-C\n`);
        const { metricsFile } = options;
        const summary = await watchFolder({
          recorder,
          folder: watched,
          clock: systemClock,
          files: denoFiles,
          stateFolder: join(config.home, "watch"),
          onNews: (news) => newsLines(news).forEach(tell),
          ...(metricsFile === undefined ? {} : {
            readMetrics: async (steps) => {
              const { bySteps, badLineCount } = await readStepMetrics(
                resolve(context.folder, metricsFile),
                steps,
              );
              if (badLineCount > 0) {
                tell(`left out ${count(badLineCount, "line")} of ${metricsFile}: not a JSON object`);
              }
              return bySteps;
            },
          }),
        }, watchOptions);
        report(context, options, {
          json: { runId: options.run, folder: path, ...summary },
          lines: summaryLines(summary),
          next: [`pot runs ${options.run}`, "pot anchor"],
        });
        if (summary.failed.length > 0) context.exitWith(1);
        else if (options.once === true && summary.waiting.length > 0) context.exitWith(3);
      });
    });
}

/** Checks the options before anything is opened. */
function parseWatchOptions(options: WatchOptions, signal: AbortSignal): WatchFolderOptions {
  const { run, model, pattern, stepsPerEpoch, policy, metricsFile, settle, once } = options;
  parseEvent({ kind: "custom", runId: run, ...(model === undefined ? {} : { modelId: model }) });
  if (!(settle >= 0 && settle <= 86_400)) {
    throw new UsageError("Cannot watch the folder as --settle must be 0 to 86400 seconds", {
      facts: [`settle: ${settle}`],
      hint: "leave it out: 5 seconds suit most trainers",
    });
  }
  if (stepsPerEpoch !== undefined && !(Number.isSafeInteger(stepsPerEpoch) && stepsPerEpoch > 0)) {
    throw new UsageError("Cannot watch the folder as --steps-per-epoch must be a whole number from 1", {
      facts: [`steps per epoch: ${stepsPerEpoch}`],
      hint: "give the number of optimiser steps in one epoch",
    });
  }
  const spec = policy === undefined ? undefined : parseRecordingPolicy(policy);
  if (needsMetrics(spec) && metricsFile === undefined) {
    throw new UsageError("Cannot watch the folder as the policy asks for a metric and nothing tells any", {
      facts: [`policy: ${policy}`],
      hint: "name the file that the trainer writes them to: --metrics-file <file>",
    });
  }
  return {
    runId: run,
    modelId: model,
    pattern: pattern === undefined ? undefined : compileNamePattern(pattern),
    stepsPerEpoch,
    policy: spec,
    settleMs: settle * 1_000,
    isOnce: once === true,
    signal,
  };
}

function needsMetrics(spec: RecordingPolicySpec | undefined): boolean {
  return spec?.rules.some((rule) => "improves" in rule) ?? false;
}

/** The folder's one true path, so that a link to it is the same watch. */
async function realFolder(path: string): Promise<string> {
  let why: string;
  let cause: unknown;
  try {
    const real = await Deno.realPath(path);
    if ((await Deno.stat(real)).isDirectory) {
      for await (const _ of Deno.readDir(real)) break;
      return real;
    }
    why = "it is not a folder";
  } catch (error) {
    cause = error;
    why = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory
      ? "there is no such folder"
      : "it cannot be read";
  }
  throw new UsageError(`Cannot watch the folder as ${why}`, {
    facts: [
      `path: ${path}`,
      ...(why === "it cannot be read" && cause instanceof Error ? [`reason: ${cause.message}`] : []),
    ],
    hint: "name the folder that the trainer writes its checkpoints to",
    cause,
  });
}
