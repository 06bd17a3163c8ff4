import type { Devnet } from "../../lib/chain/devnet.ts";
import type { ChaosProxy, Faults } from "./chaos_proxy.ts";
import type { Random } from "./seeded_random.ts";

/** A chain that misbehaves by chance: blocks, reorganisations, fees, funds, endpoints. */
export interface ChaosWorld {
  /** Lets the world take its course up to that time, in milliseconds. */
  advanceTo(nowMs: number): Promise<void>;
  /** Ends everything that is wrong, and lets blocks come at every step from now on. */
  calmDown(): Promise<void>;
  /** What happened, in order, for people who look into a failing seed. */
  readonly history: readonly string[];
  /** How often each kind of thing happened. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface ChaosWorldOptions {
  readonly devnet: Devnet;
  readonly random: Random;
  readonly proxies: readonly ChaosProxy[];
  /** The account that sends. */
  readonly account: `0x${string}`;
  /** Who may pause the contract. */
  readonly owner: `0x${string}`;
  /** Pauses (or resumes) the contract in the owner's name. */
  readonly setContractPaused: (isPaused: boolean) => Promise<void>;
  readonly startMs: number;
  /** Reorganisations stay above what the chain calls final. */
  readonly maxReorgDepth: number;
}

/** How much time passes between two steps of the world. */
const STEP_MS = 2_000;
const ONE_ETHER = 10n ** 18n;
const NORMAL_BALANCE = `0x${(10_000n * ONE_ETHER).toString(16)}`;

const FAULTS: readonly Faults[] = [
  { delayMs: 5 },
  { delayMs: 400 },
  { drops: true, percent: 50 },
  { cuts: true, percent: 50 },
  { status: 429, percent: 60 },
  { status: 502, percent: 60 },
  { status: 504 },
  { html: true },
  { failsAfterForwarding: true, percent: 70 },
  { headOffset: 40 },
  { headOffset: -3 },
  { flipsReceipts: true },
  { movesReceipts: true },
  { logRange: 2 },
  { chainId: 1 },
];

export function createChaosWorld(options: ChaosWorldOptions): ChaosWorld {
  const { devnet, random, proxies, account, maxReorgDepth } = options;
  const history: string[] = [];
  const counts = new Map<string, number>();
  let reachedMs = options.startMs;
  let step = 0;
  let isCalm = false;
  let turn: Promise<void> = Promise.resolve();
  /** Steps until each passing trouble ends, by name. */
  const ending = new Map<string, { readonly atStep: number; readonly end: () => Promise<void> }>();

  function note(what: string, detail = ""): void {
    counts.set(what, (counts.get(what) ?? 0) + 1);
    history.push(`step ${step}: ${what}${detail === "" ? "" : ` ${detail}`}`);
  }

  async function endTrouble(isDue: (atStep: number) => boolean): Promise<void> {
    for (const [name, { atStep, end }] of ending) {
      if (!isDue(atStep)) continue;
      ending.delete(name);
      await end();
    }
  }

  function start(name: string, forSteps: number, end: () => Promise<void>): void {
    ending.set(name, { atStep: step + forSteps, end });
  }

  const troubles: Readonly<Record<string, () => Promise<void>>> = {
    endpoint() {
      // One of them stays right, as no client can tell the truth from two lies.
      const at = random.between(0, proxies.length - 1);
      const others = proxies.filter((_, other) => other !== at);
      const faults = random.pick(FAULTS);
      const isLie = faults.flipsReceipts || faults.movesReceipts || faults.headOffset !== undefined;
      if (isLie && others.some(({ faults: set }) => Object.keys(set).length > 0)) return Promise.resolve();
      proxies[at]!.faults = faults;
      note("endpoint", `${at}: ${JSON.stringify(faults)}`);
      start(`endpoint ${at}`, random.between(1, 12), () => {
        proxies[at]!.faults = {};
        return Promise.resolve();
      });
      return Promise.resolve();
    },
    async frozenHead() {
      const at = random.between(0, proxies.length - 1);
      const frozenHead = BigInt(await devnet.request("eth_blockNumber") as string);
      proxies[at]!.faults = { frozenHead };
      note("frozen head", `${at}`);
      start(`endpoint ${at}`, random.between(2, 10), () => {
        proxies[at]!.faults = {};
        return Promise.resolve();
      });
    },
    async outage() {
      for (const proxy of proxies) proxy.faults = { status: 503 };
      note("outage");
      for (const [at, proxy] of proxies.entries()) {
        start(`endpoint ${at}`, random.between(1, 5), () => {
          proxy.faults = {};
          return Promise.resolve();
        });
      }
      await Promise.resolve();
    },
    async reorganisation() {
      const depth = random.between(1, maxReorgDepth);
      const head = Number(await devnet.request("eth_blockNumber"));
      if (head <= depth + 2) return;
      await devnet.request("anvil_reorg", [depth, []]);
      note("reorganisation", `of ${depth}`);
      // It may have undone the owner's last word.
      await options.setContractPaused(ending.has("paused"));
    },
    async dropped() {
      await devnet.request("anvil_dropAllTransactions");
      note("dropped transactions");
    },
    async feeSpike() {
      const gwei = random.between(20, 400);
      await devnet.request("anvil_setNextBlockBaseFeePerGas", [
        `0x${(BigInt(gwei) * 10n ** 9n).toString(16)}`,
      ]);
      note("fee spike", `${gwei} gwei`);
      await devnet.request("evm_mine");
      start("fee spike", random.between(2, 8), async () => {
        await devnet.request("anvil_setNextBlockBaseFeePerGas", ["0x3b9aca00"]);
        await devnet.request("evm_mine");
      });
    },
    async emptyBalance() {
      await devnet.request("anvil_setBalance", [account, "0x0"]);
      note("empty balance");
      start("empty balance", random.between(1, 6), async () => {
        await devnet.request("anvil_setBalance", [account, NORMAL_BALANCE]);
      });
    },
    async paused() {
      await options.setContractPaused(true);
      note("contract paused");
      start("paused", random.between(1, 6), () => options.setContractPaused(false));
    },
    noMining() {
      note("no mining");
      start("no mining", random.between(3, 60), () => Promise.resolve());
      return Promise.resolve();
    },
  };
  const names = Object.keys(troubles);

  async function takeStep(): Promise<void> {
    step++;
    await endTrouble((atStep) => atStep <= step);
    if (!isCalm && random.next() < 0.25) await troubles[random.pick(names)]!();
    if (!ending.has("no mining") && (isCalm || random.next() < 0.7)) await devnet.request("evm_mine");
  }

  return {
    history,
    counts,
    advanceTo(nowMs) {
      // Sleepers overlap, steps do not.
      turn = turn.then(async () => {
        while (reachedMs + STEP_MS <= nowMs) {
          reachedMs += STEP_MS;
          await takeStep();
        }
      });
      return turn;
    },
    async calmDown() {
      isCalm = true;
      await endTrouble(() => true);
      for (const proxy of proxies) proxy.faults = {};
      await options.setContractPaused(false);
      await devnet.request("anvil_setBalance", [account, NORMAL_BALANCE]);
      history.push(`step ${step}: calm`);
    },
  };
}
