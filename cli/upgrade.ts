import { Command } from "@cliffy/command";
import { type ExitCode, PotError, UsageError } from "../lib/core/errors.ts";
import { redactText } from "../lib/core/redact.ts";
import type { Recorder, UpgradeOptions as UpgradingOptions } from "../lib/recorder/recorder.ts";
import type { Config } from "../lib/runtime/config.ts";
import { BATCH_PROOF_SCHEMA, type BatchProof } from "../lib/verify/batch_proof.ts";
import type { Proof } from "../lib/verify/proof.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { accessOf } from "./with_runtime.ts";
import { pathFrom } from "./path_from.ts";
import { proofAnchorJson, proofAnchorLine } from "./proof_anchor_lines.ts";
import { readAnyProofFile } from "../lib/runtime/read_proof_file.ts";

interface UpgradeOptions extends GlobalOptions {
  rpc?: string[];
  offline?: boolean | undefined;
}

/** The proof of one record, or of many. */
type AnyProof = Proof | BatchProof;

interface Upgraded {
  readonly proof: AnyProof;
  /** This log holds what it proves. */
  readonly isInLog: boolean;
}

/** What became of one file. */
type Outcome =
  & { readonly shown: string; readonly file: string }
  & (
    | { readonly upgraded: Upgraded; readonly isChanged: boolean }
    | { readonly error: PotError }
  );

/** Takes a proof as far as it goes. */
type Upgrade = (proof: AnyProof) => Promise<Upgraded>;

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
  const { isAllowedRpcUrl } = await import("../lib/runtime/settings/setting.ts");
  if (rpc.every(isAllowedRpcUrl)) return;
  throw new UsageError(
    "Cannot upgrade the proof as --rpc must be an https:// URL (http:// only to this machine)",
    { hint: "give an endpoint's URL, such as https://rpc.example.org, or upgrade with --offline" },
  );
}

/** The log's own knowledge where there is a log; endpoints alone where there is none, or they are named. */
async function openUpgrade(
  context: CliContext,
  config: Config,
  { rpc, offline: isOffline = false }: UpgradeOptions,
): Promise<{ readonly upgrade: Upgrade } & AsyncDisposable> {
  const { signal } = context;
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
    ? await (await import("../lib/runtime/open_runtime.ts")).openRuntime(config, accessOf(context))
    : undefined;
  return {
    async upgrade(proof) {
      const known = runtime === undefined
        ? await withoutLog(proof)
        : await fromLog(proof, runtime.recorder, { signal, isOffline: isOffline || rpc !== undefined });
      return urls.length === 0 ? known : await askEndpoints(known, urls, signal);
    },
    async [Symbol.asyncDispose]() {
      await runtime?.[Symbol.asyncDispose]();
    },
  };
}

async function fromLog(
  proof: AnyProof,
  recorder: Pick<Recorder, "upgrade" | "upgradeBatch">,
  options: UpgradingOptions,
): Promise<Upgraded> {
  if (proof.schema !== BATCH_PROOF_SCHEMA) return await recorder.upgrade(proof, options);
  const { batch, isInLog } = await recorder.upgradeBatch(proof, options);
  return { proof: batch, isInLog };
}

async function withoutLog(proof: AnyProof): Promise<Upgraded> {
  await requireSound(proof);
  if (proof.schema === BATCH_PROOF_SCHEMA) {
    (await import("../lib/recorder/upgrade_batch_proof.ts")).requireAskableBatch(proof);
  } else (await import("../lib/recorder/upgrade_proof.ts")).requireAskable(proof);
  return { proof, isInLog: false };
}

async function requireSound(proof: AnyProof): Promise<void> {
  if (proof.schema === BATCH_PROOF_SCHEMA) {
    await (await import("../lib/recorder/upgrade_batch_proof.ts")).requireSoundBatch(proof);
  } else await (await import("../lib/recorder/upgrade_proof.ts")).requireSound(proof);
}

async function askEndpoints(
  { proof, isInLog }: Upgraded,
  urls: readonly string[],
  signal: AbortSignal,
): Promise<Upgraded> {
  const [{ openAnchorAsker }, { isAskable, isComplete, refreshProof }, { refreshBatchProof }] = await Promise
    .all([
      import("../lib/runtime/open_anchor_asker.ts"),
      import("../lib/recorder/refresh_proof.ts"),
      import("../lib/recorder/upgrade_batch_proof.ts"),
    ]);
  const open = proof.anchors.filter((anchor) => isAskable(anchor) && !isComplete(anchor));
  const chainIds = [...new Set(open.map(({ chainId = "" }) => chainId))];
  if (chainIds.length === 0) return { proof, isInLog };
  const ask = await openAnchorAsker(urls, { chainIds, signal });
  const refreshed = proof.schema === BATCH_PROOF_SCHEMA
    ? await refreshBatchProof(proof, ask)
    : await refreshProof(proof, ask);
  if (refreshed !== proof) await requireSound(refreshed);
  return { proof: refreshed, isInLog };
}

/** One file's trouble is not the others': it is told with the rest. */
async function upgradeFile(
  { shown, file }: Pick<Outcome, "shown" | "file">,
  upgrade: Upgrade,
): Promise<Outcome> {
  try {
    const proof = await readAnyProofFile(file);
    const upgraded = await upgrade(proof);
    const isChanged = upgraded.proof !== proof;
    if (isChanged) {
      const { replaceProofFile } = await import("../lib/runtime/replace_proof_file.ts");
      await replaceProofFile(file, await formatAny(upgraded.proof));
    }
    return { shown, file, upgraded, isChanged };
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    return { shown, file, error };
  }
}

async function formatAny(proof: AnyProof): Promise<string> {
  return proof.schema === BATCH_PROOF_SCHEMA
    ? await (await import("../lib/verify/format_batch_proof.ts")).formatBatchProof(proof)
    : (await import("../lib/verify/format_proof.ts")).formatProof(proof);
}

/** In the order in which one matters more than another: wrong input, a proof that does not hold, nobody answered, pending. */
const BY_WEIGHT: readonly (0 | ExitCode)[] = [2, 1, 4, 3];

function worstCode(outcomes: readonly Outcome[]): 0 | ExitCode {
  const codes = outcomes.map((outcome) =>
    "error" in outcome ? outcome.error.exitCode : isPending(outcome.upgraded.proof) ? 3 : 0
  );
  return BY_WEIGHT.find((code) => codes.includes(code)) ?? 0;
}

/** Whether a record of it is in no anchor yet. */
function isPending(proof: AnyProof): boolean {
  const last = proof.schema === BATCH_PROOF_SCHEMA ? proof.records.at(-1)!.index : proof.index;
  return !proof.anchors.some(({ state, size }) => state !== "pending" && size > last);
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
    ...(isInLog ? [] : ["  no log here holds the record: only the anchors in the file were asked about"]),
  ];
}
