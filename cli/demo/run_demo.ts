import { dirname, join } from "node:path";
import { ensureDir } from "@std/fs/ensure-dir";
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../../lib/core/hex.ts";
import { encodeSafetensors } from "../../lib/core/safetensors.ts";
import { digestFile } from "../../lib/io/digest_file.ts";
import type { AnchorOutcome, Recorder } from "../../lib/recorder/recorder.ts";
import { openRuntime } from "../../lib/runtime/open_runtime.ts";
import type { Proof } from "../../lib/verify/proof.ts";
import { formatProof } from "../../lib/verify/format_proof.ts";
import type { Verdict } from "../../lib/verify/verdict.ts";
import { verifyProof } from "../../lib/verify/verify_proof.ts";
import { costLines, type DemoCost, measureCost } from "./demo_cost.ts";
import { type DemoChain, openDemoChain } from "./demo_chain.ts";
import { prepareDemoFolder } from "./demo_folder.ts";
import { formatIrisCsv, irisSamples } from "./iris_data_set.ts";
import { splitSamples } from "./split_samples.ts";
import { DEFAULT_EPOCHS, DEFAULT_SEED, defaultHyperparameters, trainClassifier } from "./train_classifier.ts";

export interface DemoOptions {
  /** Where all files go. Absolute. */
  readonly folder: string;
  /** The folder as the user named it, for the commands to try. */
  readonly shownFolder: string;
  /** Prints one line. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface DemoResult {
  /** The genuine proof verified, and the tampered file was caught. */
  readonly ok: boolean;
  readonly folder: string;
  readonly chain: "evm" | "local";
  readonly recordCount: number;
  readonly validationAccuracy: number;
  readonly proof: string;
  readonly genuine: Verdict;
  readonly tampered: Verdict;
  readonly cost?: DemoCost;
}

const RUN_ID = "iris-demo";

/** The whole mission on real input: train, record, anchor, prove, verify, tamper, and what it cost. */
export async function runDemo({ folder, shownFolder, say, signal }: DemoOptions): Promise<DemoResult> {
  const { origin, verifierKey } = await prepareDemoFolder(folder);
  say(`pot demo: a real, small training run, and evidence of it that nobody can change afterwards.`);
  say(`Everything goes into ${shownFolder}/.`);

  say(`\n1. A chain to anchor on`);
  await using chain = await openDemoChain(folder, { origin, say, signal });
  await using runtime = await openRuntime(chain.config);

  say(`\n2. Train, and record every training checkpoint and validation while it happens`);
  const trained = await trainAndRecord({ folder, recorder: runtime.recorder, say, signal });

  say(`\n3. Anchor all of it with one transaction`);
  const outcome = await runtime.recorder.anchorPending({ signal });
  sayAnchor(outcome, say);

  say(`\n4. Prove the last training checkpoint: one file for a stranger`);
  const proof = await runtime.recorder.prove(trained.lastId);
  const proofFile = "final.pot-proof.json";
  await writeFile(join(folder, proofFile), new TextEncoder().encode(formatProof(proof)));
  say(`   ${shownFolder}/${proofFile}`);
  const context: VerifyContext = { proof, chain, verifierKey, say };
  const genuine = await verifyArtifact(join(folder, trained.lastWeights), context);

  say(`\n5. Flip one bit of the weights, and verify again`);
  const tamperedFile = "weights/tampered.safetensors";
  await flipOneBit(join(folder, trained.lastWeights), join(folder, tamperedFile));
  const tampered = await verifyArtifact(join(folder, tamperedFile), context);

  const cost = await measureCost(runtime, chain, outcome);
  if (cost !== undefined) {
    say(`\n6. What it cost`);
    for (const line of costLines(cost)) say(line);
  }
  sayNext({ shownFolder, proofFile, lastWeights: trained.lastWeights, tamperedFile, say });
  return {
    ok: genuine.ok && !tampered.ok,
    folder,
    chain: chain.config.chain,
    recordCount: trained.recordCount,
    validationAccuracy: trained.validationAccuracy,
    proof: join(folder, proofFile),
    genuine,
    tampered,
    ...(cost === undefined ? {} : { cost }),
  };
}

interface TrainContext {
  readonly folder: string;
  readonly recorder: Recorder;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

async function trainAndRecord({ folder, recorder, say, signal }: TrainContext) {
  const { trainingSet, validationSet } = splitSamples(irisSamples, { seed: DEFAULT_SEED });
  const trainingCsv = new TextEncoder().encode(formatIrisCsv(trainingSet));
  const validationCsv = new TextEncoder().encode(formatIrisCsv(validationSet));
  await writeFile(join(folder, "data/training.csv"), trainingCsv);
  await writeFile(join(folder, "data/validation.csv"), validationCsv);
  say(
    `   data: Fisher's Iris, ${trainingSet.length} flowers to learn from, ${validationSet.length} to validate on`,
  );
  say(`   model: a neural network of 4-${defaultHyperparameters.hiddenCount}-3 units, seed ${DEFAULT_SEED}`);
  let lastId = "";
  let lastWeights = "";
  let recordCount = 0;
  const report = await trainClassifier({
    trainingSet,
    validationSet,
    epochs: DEFAULT_EPOCHS,
    seed: DEFAULT_SEED,
    signal,
    onEpoch: async (
      { epoch, step, tensors, trainLoss, validationLoss, validationAccuracy, dataOrderDigest },
    ) => {
      lastWeights = `weights/epoch-${String(epoch).padStart(2, "0")}.safetensors`;
      const path = join(folder, lastWeights);
      await writeFile(path, encodeSafetensors(tensors, { epoch: String(epoch) }));
      const { digest, sizeBytes } = await digestFile(path);
      const checkpoint = await recorder.recordCheckpoint({
        runId: RUN_ID,
        step,
        epoch,
        artifact: {
          algorithm: "sha256",
          digest,
          sizeBytes,
          name: lastWeights.slice("weights/".length),
          kind: "file",
          computed: true,
          format: "safetensors",
        },
        dataset: { digest: toHex(sha256(trainingCsv)) },
        metrics: { trainLoss },
        parameters: { ...defaultHyperparameters },
        seed: DEFAULT_SEED,
        dataOrderDigest,
      });
      await recorder.recordValidation({
        runId: RUN_ID,
        step,
        epoch,
        dataset: { digest: toHex(sha256(validationCsv)) },
        metrics: { validationLoss, validationAccuracy },
      });
      lastId = checkpoint.id;
      recordCount += 2;
      say(
        `   epoch ${String(epoch).padStart(2)}  loss ${trainLoss.toFixed(4)}  accuracy ${
          (100 * validationAccuracy).toFixed(1).padStart(5)
        } %  sha256 ${digest.slice(0, 12)}…  record ${checkpoint.id.slice(0, 12)}…`,
      );
    },
  });
  return { lastId, lastWeights, recordCount, validationAccuracy: report.validationAccuracy };
}

function sayAnchor({ recordCount, anchor }: AnchorOutcome, say: (line: string) => void): void {
  if (anchor === undefined) return;
  const { root, facts } = anchor;
  say(`   ${recordCount} records, Merkle root ${toHex(root).slice(0, 16)}…`);
  if (facts.kind === "local") {
    say(`   local ledger, line ${facts.blockNumber}: durable here, but no chain vouches for it`);
    return;
  }
  const { inclusion } = facts;
  if (inclusion === undefined) return;
  say(`   transaction ${inclusion.transactionHash}`);
  say(`   block ${inclusion.blockNumber}, ${inclusion.gasUsed} gas, ${facts.state}`);
}

interface VerifyContext {
  readonly proof: Proof;
  readonly chain: DemoChain;
  readonly verifierKey: string;
  readonly say: (line: string) => void;
}

async function verifyArtifact(
  path: string,
  { proof, chain, verifierKey, say }: VerifyContext,
): Promise<Verdict> {
  const { digest } = await digestFile(path);
  const verdict = await verifyProof(proof, {
    artifactDigest: digest,
    logKey: verifierKey,
    endpoints: chain.endpoints,
    ...(chain.submitter === undefined ? {} : { submitter: chain.submitter }),
  });
  for (const { name, outcome, detail } of verdict.checks) {
    say(`   ${outcome === "pass" ? "✓" : outcome === "fail" ? "✗" : "?"} ${name.padEnd(10)} ${detail}`);
  }
  const isOtherFile = verdict.checks.some(({ name, outcome }) => name === "artifact" && outcome === "fail");
  const answer = verdict.ok
    ? `VALID (level ${verdict.level}, ${verdict.state})`
    : `INVALID${isOtherFile ? ": this is not the file that was recorded" : ""}`;
  say(`   → ${answer}`);
  return verdict;
}

async function flipOneBit(from: string, to: string): Promise<void> {
  const bytes = await Deno.readFile(from);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(to, bytes);
}

async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  await ensureDir(dirname(path));
  await Deno.writeFile(path, bytes);
}

interface NextContext {
  readonly shownFolder: string;
  readonly proofFile: string;
  readonly lastWeights: string;
  readonly tamperedFile: string;
  readonly say: (line: string) => void;
}

function sayNext({ shownFolder, proofFile, lastWeights, tamperedFile, say }: NextContext): void {
  const verify = `deno task pot verify ${shownFolder}/${proofFile} --offline --artifact ${shownFolder}`;
  say(`\nTry next (put npx -y deno@2.9.6 in place of deno where it is not installed):`);
  say(`   ${verify}/${lastWeights}`);
  say(`   ${verify}/${tamperedFile}`);
  say(`   deno task pot runs ${RUN_ID} --config ${shownFolder}/pot.jsonc`);
}
