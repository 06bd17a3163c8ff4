import { PotError } from "../core/errors.ts";
import type { TransactionSigner, UnsignedTransaction } from "../core/signer.ts";
import { toViemTransaction } from "./to_viem_transaction.ts";

/** What a signer was asked, and for errors who it is. */
export interface AskedTransaction {
  readonly transaction: UnsignedTransaction;
  /** The account that must have signed. */
  readonly account: TransactionSigner["address"];
  /** `name: value` lines. */
  readonly facts: readonly string[];
}

/** Half the order of secp256k1's group: EIP-2 takes no larger `s`. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** The longest value that an error shows whole. */
const MAX_SHOWN = 80;

/**
 * The transaction that was asked for, signed: only the signature is taken from what came back. viem is loaded here.
 *
 * @throws {PotError} naming the first field in which they differ, or what is wrong with the signature
 */
export async function checkSignedTransaction(
  raw: unknown,
  { transaction, account, facts }: AskedTransaction,
): Promise<`0x${string}`> {
  const { keccak256, parseTransaction, recoverAddress, serializeTransaction } = await import("viem/utils");
  const refuse = (reason: string, more: readonly string[] = []) =>
    new PotError(`Cannot sign as ${reason}`, {
      facts: [...facts, ...more],
      hint: "nothing was sent; find out who changed it before this signer is used again",
    });

  const signed = typeof raw === "string" && /^0x(?:[0-9a-f]{2})+$/i.test(raw) ? parse(raw) : undefined;
  if (signed === undefined) throw refuse("what the signer answered is no signed transaction");
  const unsigned = toViemTransaction(transaction);
  const [asked, got] = [comparable(unsigned), comparable(signed)];
  for (const field of Object.keys(asked) as (keyof typeof asked)[]) {
    if (asked[field] === got[field]) continue;
    throw refuse(`the signer changed the transaction's ${field}`, [
      `asked for: ${shorten(asked[field])}`,
      `signed: ${shorten(got[field])}`,
    ]);
  }
  const { r, s, yParity } = signed;
  if (r === undefined || s === undefined || (yParity !== 0 && yParity !== 1)) {
    throw refuse("the transaction that the signer answered is not signed");
  }
  if (BigInt(s) > HALF_ORDER) {
    throw refuse("the signature's s is not the lower one, as EIP-2 asks");
  }
  const signature = { r, s, yParity, v: BigInt(27 + yParity) };
  const hash = keccak256(serializeTransaction(unsigned));
  const signer = await recoverAddress({ hash, signature }).catch(() => "nobody");
  if (signer !== account) {
    throw refuse("the signature is another account's", [`account: ${account}`, `signed by: ${signer}`]);
  }
  const whole = serializeTransaction(unsigned, signature);
  if (whole !== (raw as string).toLowerCase()) throw refuse("the signer changed the transaction's encoding");
  return whole;

  function parse(text: string) {
    try {
      return parseTransaction(text.toLowerCase() as `0x${string}`);
    } catch {
      return undefined;
    }
  }
}

/** Fields of a transaction in their one spelling, in the order in which they are compared. */
function comparable(transaction: Readonly<Record<string, unknown>>) {
  const { type, chainId, nonce, to, value, data, gas, gasPrice, accessList } = transaction;
  const { maxFeePerGas, maxPriorityFeePerGas } = transaction;
  return {
    type: String(type),
    chainId: String(chainId ?? "none"),
    nonce: String(nonce ?? 0),
    to: String(to ?? "none, a new contract").toLowerCase(),
    value: String(value ?? 0),
    data: String(data ?? "0x").toLowerCase(),
    gas: String(gas ?? 0),
    gasPrice: String(gasPrice ?? 0),
    maxFeePerGas: String(maxFeePerGas ?? 0),
    maxPriorityFeePerGas: String(maxPriorityFeePerGas ?? 0),
    accessList: JSON.stringify(accessList ?? []),
  };
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)`;
}
