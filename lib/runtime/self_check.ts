import { join } from "node:path";
import { toHex } from "../core/hex.ts";
import { PotError, UnreachableError } from "../core/errors.ts";
import { redactText } from "../core/redact.ts";
import { verifyProof } from "../verify/verify_proof.ts";
import type { ChainClient } from "../chain/chain_client.ts";
import type { Config } from "./config.ts";
import { initialize } from "./initialize.ts";
import { openRuntime } from "./open_runtime.ts";
import { parseConfig } from "./parse_config.ts";

export interface SelfCheckStep {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** It failed because nobody answered, so nothing is known to be wrong. */
  readonly isUnreachable?: true;
}

export interface SelfCheckOptions {
  /** Also store a test hash through the configured chain. */
  readonly withChain: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Tries the whole path of a record in a throw-away log on this disk, and with `withChain` the three verbs of the configured chain. What
 * fails is a step that says so; nothing is thrown. The installation's own log is not written to.
 */
export async function selfCheck(
  config: Config,
  { withChain, signal }: SelfCheckOptions,
): Promise<readonly SelfCheckStep[]> {
  const options = signal === undefined ? {} : { signal };
  const steps = [await step("log", () => tryLog())];
  if (!withChain) return steps;
  await using chain = await openChain(config, steps);
  if (chain === undefined) return steps;
  steps.push(await step("chain", () => tryHealth(chain, options)));
  if (steps.every(({ ok }) => ok)) steps.push(await step("store", () => tryVerbs(chain, options)));
  return steps;
}

async function openChain(config: Config, steps: SelfCheckStep[]): Promise<ChainClient | undefined> {
  try {
    const { openChainClient } = await import("./open_chain_client.ts");
    return await openChainClient(config);
  } catch (error) {
    steps.push(failedStep("chain", error));
    return undefined;
  }
}

async function step(name: string, run: () => Promise<string>): Promise<SelfCheckStep> {
  try {
    return { name, ok: true, detail: await run() };
  } catch (error) {
    return failedStep(name, error);
  }
}

function failedStep(name: string, error: unknown): SelfCheckStep {
  const detail = error instanceof PotError
    ? [error.message, ...error.facts, ...(error.hint === undefined ? [] : [`→ ${error.hint}`])].join("; ")
    : error instanceof Error
    ? error.message
    : String(error);
  return {
    name,
    ok: false,
    detail: redactText(detail),
    ...(error instanceof UnreachableError ? { isUnreachable: true } : {}),
  };
}

async function tryLog(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "pot-self-test-" });
  try {
    const { origin } = await initialize({ folder, chain: "local" });
    const config = parseConfig({
      folder,
      env: {},
      file: { origin, home: join(folder, ".pot"), chain: "local" },
    });
    await using runtime = await openRuntime(config);
    const { id } = await runtime.recorder.recordValidation({ runId: "self-test", metrics: { answer: 42 } });
    await runtime.recorder.anchorPending();
    const { ok, state } = await verifyProof(await runtime.recorder.prove(id));
    if (!ok || state !== "local") {
      throw new PotError("Cannot trust this machine as a fresh proof did not verify");
    }
    return "recorded, anchored locally, proved and verified one record in a temporary folder";
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Options {
  readonly signal?: AbortSignal;
}

async function tryHealth(chain: ChainClient, options: Options): Promise<string> {
  const { isHealthy, checks } = await chain.health(options);
  if (!isHealthy) {
    const bad = checks.filter(({ ok }) => !ok);
    if (bad.every(({ isUnreachable }) => isUnreachable)) {
      throw new UnreachableError("Cannot tell whether the chain is healthy as no endpoint answers", {
        facts: bad.slice(0, 1).map(({ detail }) => detail),
        hint: "check RPC_URL, or try again later",
      });
    }
    const facts = bad.filter(({ isUnreachable }) => !isUnreachable).map(({ name, detail }) =>
      `${name}: ${detail}`
    );
    throw new PotError("Cannot use the chain as it is not healthy", { facts });
  }
  const well = `${chain.chainId}: all is well with ${checks.map(({ name }) => name).join(", ")}`;
  return chain.kind === "local" ? `${well} (no chain is configured: set RPC_URL and CHAIN_ID)` : well;
}

async function tryVerbs(chain: ChainClient, options: Options): Promise<string> {
  const hash = toHex(crypto.getRandomValues(new Uint8Array(32)));
  const metadata = JSON.stringify({ test: "pot test --blockchain" });
  const { transactionId, gasUsed, contract } = await chain.storeHash(hash, metadata, options);
  // A retired contract's successor may have taken it.
  const read = { ...options, ...(contract !== undefined && { contract }) };
  const back = await chain.retrieveHash(transactionId, read);
  if (back?.hash !== hash || back.metadata !== metadata) {
    throw new PotError("Cannot trust the chain as it gave back something else than was stored", {
      facts: [`transaction id: ${transactionId}`],
    });
  }
  const isVerified = await chain.verifyHash(hash, transactionId, read);
  const isOtherRefused = !await chain.verifyHash("0".repeat(64), transactionId, read);
  if (!isVerified || !isOtherRefused) {
    throw new PotError("Cannot trust the chain as verifyHash gave the wrong answer", {
      facts: [`transaction id: ${transactionId}`],
    });
  }
  return `stored, read back and verified a hash as ${transactionId}${
    gasUsed === undefined ? "" : ` for ${gasUsed} gas`
  }`;
}
