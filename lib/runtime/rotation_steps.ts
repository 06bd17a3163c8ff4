import type { EndpointPool } from "../chain/endpoint_pool.ts";
import { checkContract } from "../chain/check_contract.ts";
import { ChainError } from "../chain/chain_error.ts";
import { estimateCost } from "../chain/estimate_cost.ts";
import { runOwnerAction } from "../chain/run_owner_action.ts";
import type { TransactionJournal } from "../chain/journal.ts";
import type { JournalEntry } from "../chain/journal_entry.ts";
import { parseQuantity } from "../chain/rpc_values.ts";
import type { TransactionSender } from "../chain/transaction_sender.ts";
import type { AccessGate } from "../access/access_gate.ts";
import type { Clock } from "../core/clock.ts";
import { PotError, UnreachableError } from "../core/errors.ts";
import type { TransactionSigner } from "../core/signer.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { isHeldElsewhere } from "../io/lock_held_error.ts";
import type { Config, EvmConfig } from "./config.ts";
import { createRotationGuard } from "./key_rotation_guard.ts";
import type { KeyRotation } from "./key_rotation_file.ts";
import { findLogKey } from "./log_key.ts";
import { feePolicyOf } from "./open_chain_client.ts";
import { openRuntime } from "./open_runtime.ts";
import { openSenderOf } from "./open_sender.ts";

/** What the steps of one rotation work with. */
export interface RotationContext {
  readonly config: Config;
  readonly evm: EvmConfig;
  readonly endpoints: EndpointPool;
  readonly rotation: KeyRotation;
  readonly files: FileLayer;
  readonly clock: Clock;
  /** Opens one of the two keys; the same one each time. */
  readonly openKey: (which: "from" | "to") => Promise<TransactionSigner>;
  /** `final`: what the old key sent must be final before the new one takes over. */
  readonly until: "confirmed" | "final";
  /** How long a step waits for the chain or for other processes. */
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly access: AccessGate | undefined;
  /** Told, in a line, what is waited for. */
  readonly onNotice: (line: string) => void;
}

const POLL_MS = 1_000;
/** How often a person is told what is still waited for. */
const TELL_AFTER_MS = 15_000;

/** Sees everything through that the old key has sent; answers how many transactions that were. */
export async function drain(context: RotationContext): Promise<string> {
  return await withSender(
    context,
    "from",
    async ({ journal, sender }) => await seeThrough(context, { journal, sender }),
  );
}

/** Anchors under the old key what nobody has anchored yet, and sees that through. */
export async function anchorRest(context: RotationContext): Promise<string> {
  const { config, rotation, openKey, files, signal, access } = context;
  if (!rotation.isAnchoring) return "left out, as asked: what is pending is anchored by the new key";
  const hasLog = config.logUrl !== undefined || await findLogKey(config.home) !== undefined;
  if (config.chain !== "evm" || !hasLog) return "nothing to anchor: no log here is anchored on a chain";
  const writer = {
    openSigner: () => openKey("from"),
    mayWrite: createRotationGuard(config.home, { files, rotation: rotation.startedAt }),
  };
  const { onNotice } = context;
  let recordCount: number;
  let isLocal: boolean;
  {
    await using runtime = await openRuntime(config, { writer, onNotice, ...(access && { access }) });
    const outcome = await runtime.recorder.anchorPending({ ...(signal && { signal }) });
    recordCount = outcome.recordCount;
    isLocal = outcome.anchor?.facts.kind === "local";
  }
  // Where a ledger stood in, or a stored hash was given up waiting for, something may still be under way.
  await drain(context);
  if (isLocal) return "the local ledger stood in: what is pending on the chain is anchored by the new key";
  return recordCount === 0
    ? "nothing was pending"
    : `${recordCount} ${recordCount === 1 ? "record" : "records"} anchored by the old key`;
}

/** Offers the contract to the new key's account. */
export async function offerContract(context: RotationContext): Promise<string> {
  const { rotation: { to, contract } } = context;
  return await withSender(context, "from", async ({ sender }) => {
    const state = await checkContract(contractOptions(context));
    if (state.owner === to.address) return `${contract} is owned by ${to.address} already`;
    await runOwnerAction({ kind: "transfer", to: to.address }, { sender, ...contractOptions(context) });
    return `${contract} is offered to ${to.address}`;
  });
}

/** Takes an offer back, where it was made and not accepted. One that no block has yet is seen through first: it would come later. */
export async function withdrawOffer(context: RotationContext): Promise<void> {
  const { rotation: { from, to } } = context;
  await withSender(context, "from", async ({ sender, journal }) => {
    await seeThrough(context, { journal, sender });
    const { owner, pendingOwner } = await checkContract(contractOptions(context));
    if (pendingOwner !== to.address || owner !== from.address) return;
    await runOwnerAction({ kind: "transfer", to: from.address }, { sender, ...contractOptions(context) });
  });
}

/** Accepts the contract as the new key's account. */
export async function acceptContract(context: RotationContext): Promise<string> {
  const { rotation: { to, contract } } = context;
  return await withSender(context, "to", async ({ sender }) => {
    const state = await checkContract(contractOptions(context));
    if (state.owner === to.address) return `${contract} is owned by ${to.address}`;
    const after = await runOwnerAction({ kind: "accept" }, { sender, ...contractOptions(context) });
    return `${contract} is owned by ${after.state.owner}`;
  });
}

/** Sends what the old account has left to the new one. */
export async function sweepBalance(context: RotationContext): Promise<string> {
  const { endpoints, evm, rotation: { from, to, startedAt }, signal } = context;
  const read = { ...(signal && { signal }) };
  const balance = async (address: string) =>
    parseQuantity(await endpoints.read("eth_getBalance", [address, "latest"], read), "balance");
  return await withSender(context, "from", async ({ sender, journal }) => {
    const key = `rotation ${startedAt} sweep`;
    const purpose = "move the balance to the new key";
    const request = { key, purpose, to: to.address, data: "0x" } as const;
    const left = async () => `${await balance(from.address)} wei stay on ${from.address}`;
    if (!sender.has(key)) {
      const beforeWei = await balance(from.address);
      if (beforeWei === 0n) return "nothing was left on it";
      const feePolicy = feePolicyOf(evm);
      const cost = await estimateCost(request, { endpoints, address: from.address, feePolicy, ...read });
      // What the parent chain takes for the data comes on top of the gas, and its price moves.
      const sweepLeavingWei = 2n * (cost.parentChainFeeWei ?? 0n);
      try {
        await sender.send({ ...request, sweepLeavingWei }, read);
      } catch (error) {
        const isTooLittle = error instanceof ChainError && error.kind === "insufficient-funds";
        if (!isTooLittle || journal.find(key) !== undefined) throw error;
        return `${await left()}: less than moving it costs`;
      }
    } else await sender.send(request, read);
    await seeThrough(context, { journal, sender });
    return await left();
  });
}

/** The sender of one of the keys, as the rotation may use it; waits while another process has it. */
async function withSender<T>(
  context: RotationContext,
  which: "from" | "to",
  work: (opened: {
    readonly sender: TransactionSender;
    readonly journal: TransactionJournal;
  }) => Promise<T>,
): Promise<T> {
  const { config, evm, endpoints, rotation, files, clock } = context;
  const signer = await context.openKey(which);
  const expected = rotation[which].address;
  if (signer.address !== expected) {
    throw new PotError("Cannot go on with the rotation as a key is not the one that it began with", {
      facts: [`key: ${rotation[which].source}`, `began with: ${expected}`, `is now: ${signer.address}`],
      hint: "bring that key back to where it was, or end the rotation with: pot keys rotate --abort",
      exitCode: 2,
    });
  }
  const waiting = createWait(context);
  for (;;) {
    try {
      const mayWrite = createRotationGuard(config.home, { files, rotation: rotation.startedAt });
      const opened = await openSenderOf(signer, {
        config,
        evm,
        endpoints,
        files,
        clock,
        sending: { mayWrite },
      });
      await using _sender = opened.sender;
      return await work(opened);
    } catch (error) {
      if (!isHeldElsewhere(error)) throw error;
      await waiting.poll(`another process that sends with ${expected}: stop the daemon (pot up)`, error);
    }
  }
}

/** Looks at the chain until all that was sent is as deep as it has to be. */
async function seeThrough(
  context: RotationContext,
  { journal, sender }: { readonly journal: TransactionJournal; readonly sender: TransactionSender },
): Promise<string> {
  const { until } = context;
  const isDone = ({ state }: JournalEntry) => until === "confirmed" && state === "confirmed";
  const waiting = createWait(context);
  const seen = new Set<string>();
  for (;;) {
    let outage: UnreachableError | undefined;
    try {
      await sender.tick();
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      outage = error;
    }
    const open = journal.live().filter((entry) => !isDone(entry));
    for (const { key } of open) seen.add(key);
    if (open.length === 0 && outage === undefined) {
      return seen.size === 0 ? "nothing was in flight" : `${seen.size} in flight seen through`;
    }
    const [first] = open;
    const which = first === undefined
      ? "an endpoint that answers"
      : `${open.length} of its transactions to be ${until}, first nonce ${first.nonce} (${first.purpose}, ${first.state})`;
    await waiting.poll(which, outage);
  }
}

/** Waits a little, as long as there is time; says now and then what for. */
function createWait({ clock, waitMs, signal, onNotice }: RotationContext) {
  const endMs = clock.now() + waitMs;
  let tellMs = 0;
  return {
    async poll(what: string, cause?: PotError): Promise<void> {
      const nowMs = clock.now();
      if (nowMs >= endMs) throw outOfTime(what, cause);
      if (nowMs >= tellMs) {
        onNotice(`still waiting for ${what}`);
        tellMs = nowMs + TELL_AFTER_MS;
      }
      await clock.sleep(POLL_MS, { ...(signal && { signal }) });
    },
  };
}

function outOfTime(what: string, cause: PotError | undefined): PotError {
  return new PotError("Cannot go on with the rotation yet", {
    facts: [`still waiting for: ${what}`, ...(cause === undefined ? [] : [cause.message, ...cause.facts])],
    hint:
      "the old key signs nothing new meanwhile; go on with: pot keys rotate; or end it with: pot keys rotate --abort",
    exitCode: cause instanceof UnreachableError ? 4 : 3,
    cause,
  });
}

function contractOptions({ endpoints, rotation: { contract }, signal }: RotationContext) {
  return { endpoints, contract: contract!, ...(signal && { signal }) };
}
