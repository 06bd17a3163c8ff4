import { UnreachableError } from "../core/errors.ts";
import type { TransactionLog } from "./transaction_sender.ts";

/** The parts of a block that are used here. */
export interface BlockHeader {
  readonly number: bigint;
  readonly hash: `0x${string}`;
  /** Unix seconds. */
  readonly timestamp: number;
  /** `undefined` on a network without EIP-1559. */
  readonly baseFeePerGasWei: bigint | undefined;
}

/** The parts of a receipt that are used here. */
export interface Receipt {
  readonly transactionHash: `0x${string}`;
  readonly transactionIndex: number;
  readonly blockNumber: bigint;
  readonly blockHash: `0x${string}`;
  readonly isReverted: boolean;
  readonly gasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
  /** What the OP stack charges beside gas for its parent chain's data. */
  readonly extraFeeWei?: bigint;
  readonly contractAddress?: `0x${string}`;
  readonly logs: readonly TransactionLog[];
}

/** A log of `eth_getLogs`: where it is, beside what it says. */
export interface FoundLog extends TransactionLog {
  readonly transactionHash: `0x${string}`;
  readonly blockNumber: bigint;
  readonly blockHash: `0x${string}`;
  /** Position in the block, not in the receipt. */
  readonly logIndex: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A JSON-RPC quantity (`0x` and hex digits).
 *
 * @throws UnreachableError for anything else, as an endpoint that answers nonsense has answered nothing; so do all parsers here.
 */
export function parseQuantity(value: unknown, what: string): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(value)) {
    throw malformed(what);
  }
  return BigInt(value);
}

/** JSON-RPC data: `0x` and whole bytes, `lengthBytes` of them where that is given. Lowercase. */
export function parseData(
  value: unknown,
  what: string,
  lengthBytes?: number,
): `0x${string}` {
  if (typeof value !== "string" || !/^0x(?:[0-9a-f]{2})*$/i.test(value)) {
    throw malformed(what);
  }
  if (lengthBytes !== undefined && value.length !== 2 + 2 * lengthBytes) {
    throw malformed(what);
  }
  return value.toLowerCase() as `0x${string}`;
}

/** An answer of `eth_getBlockByNumber`; `undefined` for null. */
export function parseBlock(value: unknown): BlockHeader | undefined {
  if (value === null) return undefined;
  const { number, hash, timestamp, baseFeePerGas } = parseFields(
    value,
    "block",
  );
  return {
    number: parseQuantity(number, "block number"),
    hash: parseData(hash, "block hash", 32),
    timestamp: Number(parseQuantity(timestamp, "block time")),
    baseFeePerGasWei: baseFeePerGas === undefined || baseFeePerGas === null
      ? undefined
      : parseQuantity(baseFeePerGas, "base fee"),
  };
}

/** An answer of `eth_getTransactionReceipt`; `undefined` for null. */
export function parseReceipt(value: unknown): Receipt | undefined {
  if (value === null) return undefined;
  const fields = parseFields(value, "receipt");
  const { contractAddress, effectiveGasPrice, l1Fee, logs, status } = fields;
  return {
    transactionHash: parseData(
      fields["transactionHash"],
      "transaction hash",
      32,
    ),
    transactionIndex: Number(
      parseQuantity(fields["transactionIndex"], "transaction index"),
    ),
    blockNumber: parseQuantity(fields["blockNumber"], "block number"),
    blockHash: parseData(fields["blockHash"], "block hash", 32),
    isReverted: parseQuantity(status, "receipt status") === 0n,
    gasUsed: parseQuantity(fields["gasUsed"], "gas used"),
    effectiveGasPriceWei: parseQuantity(effectiveGasPrice, "gas price"),
    ...(typeof l1Fee === "string" &&
      { extraFeeWei: parseQuantity(l1Fee, "fee of the parent chain") }),
    ...(typeof contractAddress === "string" &&
      { contractAddress: parseData(contractAddress, "contract address", 20) }),
    logs: parseLogs(logs),
  };
}

/** An answer of `eth_getLogs`. */
export function parseFoundLogs(value: unknown): readonly FoundLog[] {
  if (!Array.isArray(value)) throw malformed("logs");
  return value.map((item: unknown) => {
    const { transactionHash, blockNumber, blockHash, logIndex, removed } = parseFields(item, "log");
    // Of a block that was replaced; only subscriptions may tell of those.
    if (removed === true) throw malformed("log");
    return {
      ...parseLog(item),
      transactionHash: parseData(transactionHash, "transaction hash", 32),
      blockNumber: parseQuantity(blockNumber, "block number"),
      blockHash: parseData(blockHash, "block hash", 32),
      logIndex: Number(parseQuantity(logIndex, "log index")),
    };
  });
}

/** A receipt's events, in order. */
export function parseLogs(value: unknown): readonly TransactionLog[] {
  if (!Array.isArray(value)) throw malformed("receipt logs");
  return value.map(parseLog);
}

function parseLog(value: unknown): TransactionLog {
  const { address, topics, data } = parseFields(value, "log");
  if (!Array.isArray(topics)) throw malformed("log topics");
  return {
    address: parseData(address, "log address", 20),
    topics: topics.map((topic: unknown) => parseData(topic, "log topic", 32)),
    data: parseData(data, "log data"),
  };
}

/** A JSON object, its fields not looked at yet. */
export function parseFields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null) throw malformed(what);
  return value as Fields;
}

function malformed(what: string): UnreachableError {
  return new UnreachableError(
    `Cannot read from the chain as an endpoint answered with a malformed ${what}`,
    {
      hint: "try another endpoint in RPC_URL",
    },
  );
}
