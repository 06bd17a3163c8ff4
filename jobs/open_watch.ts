import { join } from "node:path";
import { createEndpointPool } from "../lib/chain/endpoint_pool.ts";
import { createJournalFollower, type JournalFollower } from "../lib/chain/journal_follower.ts";
import type { Clock } from "../lib/core/clock.ts";
import { PotError } from "../lib/core/errors.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import { checkRecentWrites, type RecentWrites } from "../lib/recorder/check_recent_writes.ts";
import type { EvmConfig } from "../lib/runtime/config.ts";
import { endpointsOf } from "../lib/runtime/open_chain_client.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { createPriceReader, type KnownPrice, type MissingPrice } from "../lib/runtime/read_price.ts";
import { showKey } from "../lib/runtime/show_key.ts";
import type { Check } from "./checks/check.ts";
import type { Expiry } from "./checks/expiry_check.ts";
import { createHealthChecks, type WatchedChain } from "./health_checks.ts";

/** Everything that jobs look at, put together from a configuration. */
export interface Watch extends Disposable {
  /** Of the job `health`. */
  readonly checks: readonly Check[];
  /** Absent where there is no chain. */
  readonly chain?: WatchedChain & {
    readonly checkRecent: (options: { readonly signal: AbortSignal }) => Promise<RecentWrites>;
  };
  /** What the chain's currency is worth now. */
  readonly price: (
    options: { readonly signal: AbortSignal },
  ) => Promise<KnownPrice | MissingPrice | undefined>;
  /** Of what gas is paid in, such as `POL`. */
  readonly currency: string;
}

/** What a watch is made of. */
export interface OpenWatchOptions {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly expiries: (options: { readonly signal: AbortSignal }) => Promise<readonly Expiry[]>;
}

const DAY_SECONDS = 86_400;

/** Puts together what the jobs look at. Nothing is asked and no key is opened yet. */
export function openWatch(
  runtime: Pick<Runtime, "config" | "log" | "anchors" | "meter">,
  { state, clock, expiries }: OpenWatchOptions,
): Watch {
  const { config } = runtime;
  const opened = new DisposableStack();
  const chain = config.chain === "evm" && config.evm !== undefined
    ? openChainWatch(runtime, { evm: config.evm, clock, opened })
    : undefined;
  const checks = createHealthChecks({ runtime, state, clock, expiries, ...(chain && { chain }) });
  return {
    checks,
    ...(chain && { chain }),
    price: config.cost.price === undefined
      ? () => Promise.resolve(undefined)
      : createPriceReader(config.cost.price),
    currency: config.evm?.network?.currency ?? "ETH",
    [Symbol.dispose]: () => opened.dispose(),
  };
}

function openChainWatch(
  { config, anchors, meter }: Pick<Runtime, "config" | "anchors" | "meter">,
  { evm, clock, opened }: {
    readonly evm: EvmConfig;
    readonly clock: Clock;
    readonly opened: DisposableStack;
  },
): NonNullable<Watch["chain"]> {
  const endpoints = createEndpointPool({
    ...endpointsOf(evm),
    clock,
    onCall: meter.count,
    onFailure: meter.countFailure,
  });
  let following: Promise<JournalFollower | undefined> | undefined;
  let found: `0x${string}` | undefined;

  async function account(): Promise<`0x${string}` | undefined> {
    return found ??= await accountOf(config, anchors);
  }

  async function follow(): Promise<JournalFollower | undefined> {
    const address = await account();
    return address === undefined ? undefined : opened.use(createJournalFollower({
      folder: join(config.home, "journal"),
      address,
      chainId: evm.chainId,
      files: denoFiles,
    }));
  }

  async function journal() {
    const follower = await (following ??= follow());
    // Whose key it is may become known yet.
    if (follower === undefined) following = undefined;
    return await follower?.read();
  }

  return {
    evm,
    endpoints,
    account,
    journal,
    checkRecent: (options) =>
      checkRecentWrites({
        endpoints,
        anchors,
        storedPath: join(config.home, "stored.jsonl"),
        files: denoFiles,
        chainId: `eip155:${evm.chainId}`,
        sinceSeconds: Math.floor(clock.now() / 1_000) - DAY_SECONDS,
        ...options,
      }),
  };
}

/** The signing account: as configured, as its key says, else whoever made the newest anchor. */
async function accountOf(
  config: Runtime["config"],
  anchors: Runtime["anchors"],
): Promise<`0x${string}` | undefined> {
  const shown = await showKey(config, { unlock: false }).catch((error) => {
    // A vault that is down is the anchor job's trouble; here the newest anchor will do.
    if (error instanceof PotError) return undefined;
    throw error;
  });
  const newest = (await anchors.list()).findLast(({ facts }) => facts.kind === "evm");
  return (shown?.address ?? newest?.facts.submitter) as `0x${string}` | undefined;
}
