import { keccak256 } from "viem/utils";
import type { BudgetLimits } from "../core/budget.ts";
import type { Clock } from "../core/clock.ts";
import { type FeePolicy, type Fees, maxFeePerGas } from "../core/fee_policy.ts";
import type { TransactionSigner, UnsignedTransaction } from "../core/signer.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import type { TransactionJournal } from "./journal.ts";
import type { EventFrame, SignedForm } from "./journal_entry.ts";
import { feeFields } from "./prepare_transaction.ts";
import type { SendingOptions, WriteIntent } from "./sending_options.ts";
import { type WritePause, WritesPausedError } from "./write_pause.ts";

/** What the parts of a sender share. */
export interface SenderContext {
  readonly endpoints: EndpointPool;
  readonly signer: TransactionSigner;
  /** Of the signer's address and the pool's chain. */
  readonly journal: TransactionJournal;
  readonly clock: Clock;
  readonly feePolicy: FeePolicy;
  readonly limits: BudgetLimits;
  /** Depth at which a transaction counts as confirmed; 1 is just mined. */
  readonly confirmations: number;
  /** Added to a gas estimate. */
  readonly gasMarginPercent: number;
  /** How long the lowest nonces may wait, once handed out, until they are replaced by forms that pay more. */
  readonly stuckAfterMs: number;
  /** How long a broadcast transaction may wait until its bytes are handed out again. */
  readonly rebroadcastAfterMs: number;
  /** The same where no endpoint has clearly taken them. */
  readonly retryAfterMs: number;
  /** Endpoints that must agree before a state becomes final. */
  readonly finalQuorum: number;
  readonly pause: Pick<WritePause, "read" | "pause"> | undefined;
  readonly mayWrite: SendingOptions["mayWrite"];
  readonly onEvent: ((event: EventFrame) => void) | undefined;
  /** Aborts when the sender is closed. */
  readonly closed: AbortSignal;
  /** When the newest form of each transaction that is in no block was handed out by this process, by key. */
  readonly handedOut: Map<string, HandedOut>;
  /** How often a transaction was looked for in vain after its nonce was taken, by key. */
  readonly vainLooks: Map<string, number>;
  /** Gas estimates by shape of request. */
  readonly gasByShape: Map<string, bigint>;
}

/** When a form's bytes were handed to the endpoints, in milliseconds since the Unix epoch. */
export interface HandedOut {
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** Writes an event once, and passes it on. */
export async function tell(
  { journal, clock, onEvent }: SenderContext,
  event: Pick<EventFrame, "name" | "subject" | "detail">,
): Promise<void> {
  const atMs = clock.now();
  if (!await journal.tell({ ...event, atMs })) return;
  onEvent?.({ type: "event", chainId: journal.chainId, ...event, atMs });
}

/**
 * @throws {WritesPausedError} while this host's writes are paused.
 * @throws {PotError} where this account may not sign.
 */
export async function requireMayWrite(
  { pause, mayWrite, signer }: SenderContext,
  intent: WriteIntent,
): Promise<void> {
  const note = await pause?.read();
  if (note !== undefined) throw new WritesPausedError(intent.action, note);
  await mayWrite?.(signer.address, intent);
}

/** Fields of a transaction that a form's fees do not touch. */
export type UnpricedTransaction = Pick<UnsignedTransaction, "nonce" | "gas" | "to" | "value" | "data">;

/** Signs one form; nothing is written or sent. */
export async function signForm(
  { signer, endpoints, clock, closed }: SenderContext,
  { kind, fees, ...fields }: UnpricedTransaction & Pick<SignedForm, "kind" | "fees">,
): Promise<SignedForm & { readonly maxCostWei: bigint }> {
  const transaction = { ...fields, chainId: endpoints.chainId, ...feeFields(fees) };
  const raw = await signer.signTransaction(transaction, { signal: closed });
  return {
    kind,
    raw,
    hash: keccak256(raw),
    fees,
    signedAtMs: clock.now(),
    maxCostWei: costOf(fields, fees),
  };
}

/** The most that a transaction can cost, in wei. */
export function costOf({ gas, value = 0n }: Pick<UnpricedTransaction, "gas" | "value">, fees: Fees): bigint {
  return gas * maxFeePerGas(fees) + value;
}
