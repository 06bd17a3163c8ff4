import { statfs } from "node:fs/promises";
import { readAccountState } from "../lib/chain/account_state.ts";
import { getLatestBlock } from "../lib/chain/chain_reads.ts";
import type { EndpointPool } from "../lib/chain/endpoint_pool.ts";
import type { FollowedJournal } from "../lib/chain/journal_follower.ts";
import { probeEndpoint } from "../lib/chain/probe_endpoint.ts";
import type { Clock } from "../lib/core/clock.ts";
import { costReport } from "../lib/core/cost_report.ts";
import { parseRecord } from "../lib/core/parse_record.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import type { EvmConfig } from "../lib/runtime/config.ts";
import { inspectContract } from "../lib/runtime/inspect_contract.ts";
import { feePolicyOf } from "../lib/runtime/open_chain_client.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { balanceCheck } from "./checks/balance_check.ts";
import type { Check } from "./checks/check.ts";
import { clockCheck } from "./checks/clock_check.ts";
import { contractCheck } from "./checks/contract_check.ts";
import { diskCheck } from "./checks/disk_check.ts";
import { endpointsCheck } from "./checks/endpoints_check.ts";
import { type Expiry, expiryCheck } from "./checks/expiry_check.ts";
import { gasPriceCheck } from "./checks/gas_price_check.ts";
import { pendingCheck } from "./checks/pending_check.ts";
import { successRateCheck } from "./checks/success_rate_check.ts";

/** What there is to look at. */
export interface HealthChecksDeps {
  readonly runtime: Pick<Runtime, "config" | "log" | "anchors">;
  readonly state: StateStore;
  readonly clock: Pick<Clock, "now">;
  /** What expires, and when. */
  readonly expiries: (options: { readonly signal: AbortSignal }) => Promise<readonly Expiry[]>;
  /** Absent where there is no chain. */
  readonly chain?: WatchedChain;
}

/** A chain, and the account that writes to it. */
export interface WatchedChain {
  readonly evm: EvmConfig;
  readonly endpoints: EndpointPool;
  /** EIP-55; `undefined` where nothing tells whose key it is. */
  readonly account: () => Promise<`0x${string}` | undefined>;
  readonly journal: () => Promise<FollowedJournal | undefined>;
}

/** A record may wait that long where nothing else is configured: a little more than the anchor job's pause. */
const EXPECTED_WAIT_MS = 15 * 60_000;
/** Of the newest block; the slowest chains that are known make one every 12 seconds. */
const MAX_HEAD_AGE_SECONDS = 180;
/** What development nodes call their chain: they make blocks only when there is something to put in. */
const DEVELOPMENT_CHAINS: readonly number[] = [1337, 31337];
/** What an account's first anchor takes (docs/cost.md); later ones take less than half. */
const ANCHOR_GAS = 75_000n;
/** Whose fees nobody's are. */
const NOBODY = `0x${"0".repeat(40)}`;
const PROBE_DOCUMENT = "write-probe";

/** Everything that recording and anchoring rest on, as far as this installation has it. */
export function createHealthChecks(deps: HealthChecksDeps): readonly Check[] {
  const { clock, expiries, chain } = deps;
  const now = () => clock.now();
  return [
    ...(chain === undefined ? [] : chainChecks(chain, deps)),
    diskCheck({
      space: () => spaceOf(deps.runtime.config.home),
      tryWrite: createWriteProbe(deps.state, now),
    }),
    pendingCheck({
      oldestPendingMs: () => oldestPending(deps.runtime),
      now,
      expectedMs: chain?.evm.sending.anchorWithinMs ?? EXPECTED_WAIT_MS,
    }),
    expiryCheck({ expiries, now }),
  ];
}

function chainChecks(
  { evm, endpoints, account, journal }: WatchedChain,
  { runtime: { config }, clock }: HealthChecksDeps,
): readonly Check[] {
  const policy = feePolicyOf(evm);
  const currency = evm.network?.currency ?? "ETH";
  const contractOwner = evm.contractOwner;
  const maxHeadAgeSeconds = DEVELOPMENT_CHAINS.includes(evm.chainId) ? Infinity : MAX_HEAD_AGE_SECONDS;
  return [
    endpointsCheck({
      probes: evm.rpcUrls.map((url) => (options) => probeEndpoint(url, { clock, ...options })),
      chainId: evm.chainId,
      finalQuorum: evm.sending.finalQuorum ?? 1,
      maxHeadAgeSeconds,
    }),
    clockCheck({
      headTime: async (options) => (await getLatestBlock(endpoints, options)).timestamp,
      now: () => clock.now(),
      maxHeadAgeSeconds,
    }),
    contractCheck({
      inspect: (options) => inspectContract(config, options),
      expectedOwner: () => Promise.resolve(contractOwner),
    }),
    gasPriceCheck({
      market: async (options) =>
        (await readAccountState(endpoints, await account() ?? NOBODY, options)).market,
      policy,
    }),
    ...(config.signing === undefined ? [] : [
      balanceCheck({
        account: async (options) => {
          const address = await account();
          if (address === undefined) return undefined;
          const { balanceWei, market } = await readAccountState(endpoints, address, options);
          const nowWei = (market.baseFeePerGasWei ?? 0n) + market.suggestedPriorityFeeWei;
          return { address, balanceWei, nextAnchorWei: ANCHOR_GAS * nowWei };
        },
        dailySpendWei: async () => {
          const view = await journal();
          if (view === undefined) return 0n;
          const { spentOn, metrics: { costs } } = view;
          return costReport({ spentOn, costs, limits: {}, nowMs: clock.now() }).recentDailyWei;
        },
        currency,
      }),
      successRateCheck(journal),
    ]),
  ];
}

async function spaceOf(folder: string) {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { availableBytes: bavail * bsize, sizeBytes: blocks * bsize };
}

/** Writes the time to where the daemon's state is: the home folder's disk, or the database that holds the log. */
function createWriteProbe(state: StateStore, now: () => number) {
  return async (options: { readonly signal: AbortSignal }): Promise<void> => {
    const before = await state.read(PROBE_DOCUMENT, options);
    const bytes = new TextEncoder().encode(`${JSON.stringify({ atMs: now() })}\n`);
    await state.write(PROBE_DOCUMENT, bytes, { ...options, version: before?.version });
  };
}

/** Since when the oldest record waits for an anchor of the configured kind, and how many do. */
export async function oldestPending({ config, log, anchors }: Pick<Runtime, "config" | "log" | "anchors">) {
  const covered = (await anchors.list()).reduce(
    (most, { size, facts }) =>
      facts.kind === config.chain && facts.state !== "pending" && size > most ? size : most,
    0n,
  );
  const size = await log.size();
  const entry = covered < size ? await log.entry(covered) : undefined;
  if (entry === undefined) return undefined;
  return { atMs: Date.parse(parseRecord(entry).recordedAt), count: Number(size - covered) };
}
