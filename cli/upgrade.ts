import { Command } from "@cliffy/command";
import { type ExitCode, PotError, UsageError } from "../lib/core/errors.ts";
import { redactText } from "../lib/core/redact.ts";
import type { Config } from "../lib/runtime/config.ts";
import type { UpgradedProof } from "../lib/recorder/recorder.ts";
import type { Proof } from "../lib/verify/proof.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { pathFrom } from "./path_from.ts";
import { proofAnchorJson, proofAnchorLine } from "./proof_anchor_lines.ts";
import { readProofFile } from "./read_proof_file.ts";

interface UpgradeOptions extends GlobalOptions {
  rpc?: string[];
  offline?: boolean;
}

/** What became of one file. */
type Outcome =
  & { readonly shown: string; readonly file: string }
  & (
    | { readonly upgraded: UpgradedProof; readonly isChanged: boolean }
    | { readonly error: PotError }
  );

/** Takes a proof as far as it goes. */
type Upgrade = (proof: Proof) => Promise<UpgradedProof>;

/** `pot upgrade`. */
export function upgradeCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Bring proof files up to date in place, from pending to final. Exit code 3: one is still pending. The first version stays beside it as .bak.",
    )
    .arguments("<proof...:string>")
    .option(
      "--rpc <url:string>",
      "Ask this endpoint about the anchors; may be repeated. [default: the configured ones]",
      { collect: true },
    )
    .option("--offline", "Ask nobody: add what this log knows.")
    .example("After the anchor is final", "pot upgrade step-500.pot-proof.json")
    .example(
      "Without the log it came from",
      "pot upgrade step-500.pot-proof.json --rpc https://rpc.example.org",
    )
    .action(async (options: UpgradeOptions, ...paths: string[]) => {
      await checkOptions(options);
      const config = await loadConfig(context, options);
      await using opened = await openUpgrade(context, config, options);
      const outcomes: Outcome[] = [];
      for (const shown of paths) {
        outcomes.push(await upgradeFile({ shown, file: pathFrom(context.folder, shown) }, opened.upgrade));
        context.signal.throwIfAborted();
      }
      const [only] = outcomes;
      if (outcomes.length === 1 && only !== undefined && "error" in only) throw only.error;
      context.exitWith(worstCode(outcomes));
      report(context, options, {
        json: { proofs: outcomes.map(outcomeJson) },
        lines: outcomes.flatMap(outcomeLines),
        next: [`pot verify ${paths[0]}`],
      });
    });
}

async function checkOptions({ offline, rpc }: UpgradeOptions): Promise<void> {
  if (rpc === undefined) return;
  if (offline === true) {
    throw new UsageError("Cannot upgrade the proof as --offline and --rpc exclude each other", {
      hint: "leave one of them out",
    });
  }
  const { isAllowedRpcUrl } = await import("../lib/runtime/settings.ts");
  if (rpc.every(isAllowedRpcUrl)) return;
  throw new UsageError(
    "Cannot upgrade the proof as --rpc must be an https:// URL (http:// only to this machine)",
    { hint: "give an endpoint's URL, such as https://rpc.example.org, or upgrade with --offline" },
  );
}

/** The log's own knowledge where there is a log; endpoints alone where there is none, or they are named. */
async function openUpgrade(
  { signal }: CliContext,
  config: Config,
  { rpc, offline: isOffline = false }: UpgradeOptions,
): Promise<{ readonly upgrade: Upgrade } & AsyncDisposable> {
  const { findLogKey } = await import("../lib/runtime/log_key.ts");
  const hasLog = await findLogKey(config.home) !== undefined;
  const urls = isOffline ? [] : rpc ?? (hasLog ? [] : config.evm?.rpcUrls ?? []);
  if (!hasLog && !isOffline && urls.length === 0) {
    throw new UsageError("Cannot upgrade the proof as there is no log here and no endpoint to ask", {
      facts: [`home: ${config.home}`],
      hint: "point --home at the log's folder, or give --rpc an endpoint of the proof's chain",
    });
  }
  const runtime = hasLog
    ? await (await import("../lib/runtime/open_runtime.ts")).openRuntime(config)
    : undefined;
  return {
    async upgrade(proof) {
      const known = runtime === undefined
        ? await withoutLog(proof)
        : await runtime.recorder.upgrade(proof, { signal, isOffline: isOffline || rpc !== undefined });
      return urls.length === 0 ? known : await askEndpoints(known, urls, signal);
    },
    async [Symbol.asyncDispose]() {
      await runtime?.[Symbol.asyncDispose]();
    },
  };
}

async function withoutLog(proof: Proof): Promise<UpgradedProof> {
  const { requireAskable, requireSound } = await import("../lib/recorder/upgrade_proof.ts");
  await requireSound(proof);
  requireAskable(proof);
  return { proof, isInLog: false };
}

async function askEndpoints(
  { proof, isInLog }: UpgradedProof,
  urls: readonly string[],
  signal: AbortSignal,
): Promise<UpgradedProof> {
  const [{ openAnchorAsker }, { isAskable, isComplete, refreshProof }, { requireSound }] = await Promise.all([
    import("../lib/runtime/open_anchor_asker.ts"),
    import("../lib/recorder/refresh_proof.ts"),
    import("../lib/recorder/upgrade_proof.ts"),
  ]);
  const open = proof.anchors.filter((anchor) => isAskable(anchor) && !isComplete(anchor));
  const chainIds = [...new Set(open.map(({ chainId = "" }) => chainId))];
  if (chainIds.length === 0) return { proof, isInLog };
  const ask = await openAnchorAsker(urls, { chainIds, signal });
  const refreshed = await refreshProof(proof, ask);
  if (refreshed !== proof) await requireSound(refreshed);
  return { proof: refreshed, isInLog };
}

/** One file's trouble is not the others': it is told with the rest. */
async function upgradeFile(
  { shown, file }: Pick<Outcome, "shown" | "file">,
  upgrade: Upgrade,
): Promise<Outcome> {
  try {
    const proof = await readProofFile(file);
    const upgraded = await upgrade(proof);
    const isChanged = upgraded.proof !== proof;
    if (isChanged) {
      const { replaceProofFile } = await import("./replace_proof_file.ts");
      await replaceProofFile(file, upgraded.proof);
    }
    return { shown, file, upgraded, isChanged };
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    return { shown, file, error };
  }
}

/** In the order in which one matters more than another: wrong input, a proof that does not hold, nobody answered, pending. */
const BY_WEIGHT: readonly (0 | ExitCode)[] = [2, 1, 4, 3];

function worstCode(outcomes: readonly Outcome[]): 0 | ExitCode {
  const codes = outcomes.map((outcome) =>
    "error" in outcome ? outcome.error.exitCode : isPending(outcome.upgraded.proof) ? 3 : 0
  );
  return BY_WEIGHT.find((code) => codes.includes(code)) ?? 0;
}

function isPending({ anchors }: Proof): boolean {
  return anchors.every(({ state }) => state === "pending");
}

function safe({ message, facts, hint }: PotError) {
  return {
    message: redactText(message),
    facts: facts.map((fact) => redactText(fact)),
    ...(hint === undefined ? {} : { hint }),
  };
}

function outcomeJson(outcome: Outcome): unknown {
  const { file } = outcome;
  if ("error" in outcome) {
    return { file, error: safe(outcome.error) };
  }
  const { upgraded: { proof, isInLog }, isChanged } = outcome;
  return { file, isChanged, isInLog, anchors: proof.anchors.map(proofAnchorJson) };
}

function outcomeLines(outcome: Outcome): readonly string[] {
  const { shown } = outcome;
  if ("error" in outcome) {
    const { message, facts, hint } = safe(outcome.error);
    return [
      `${shown}: ${message}`,
      ...facts.map((fact) => `  ${fact}`),
      ...(hint === undefined ? [] : [`  → ${hint}`]),
    ];
  }
  const { upgraded: { proof, isInLog }, isChanged } = outcome;
  return [
    `${shown}: ${isChanged ? "upgraded" : "nothing new"}`,
    ...proof.anchors.map((anchor) => `  ${proofAnchorLine(anchor)}`),
    ...(isInLog
      ? []
      : ["  this home's log does not hold the record: only the anchors in the file were asked about"]),
  ];
}
