import {
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
} from "viem/utils";
import { proofOfTrainingAbi as abi, proofOfTrainingBytecode as bytecode } from "../../contracts/artifact.ts";
import { PotError } from "../../lib/core/errors.ts";
import type { Devnet } from "../../lib/chain/devnet.ts";

type Hex = `0x${string}`;

/** A receipt as JSON-RPC returns it, with the events decoded as far as the ABI knows them. */
export interface Receipt {
  readonly gasUsed: bigint;
  readonly blockNumber: bigint;
  readonly timestamp: bigint;
  readonly events: readonly { readonly name: string; readonly args: unknown }[];
}

/** The contract on a devnet, called with the node's own unlocked accounts. */
export interface ContractOnDevnet {
  readonly address: Hex;
  readonly deployment: Receipt;
  /** Sends a transaction; rejects with {@linkcode Revert} when the contract refuses. */
  send(from: Hex, functionName: string, args?: readonly unknown[], overrides?: object): Promise<Receipt>;
  /** Calls without a transaction; rejects with {@linkcode Revert} when the contract refuses. */
  // deno-lint-ignore no-explicit-any
  read(functionName: string, args?: readonly unknown[]): Promise<any>;
}

/** A custom error of the contract, as `Name(arg,…)`. */
export class Revert extends Error {
  override readonly name = "Revert";
}

export interface DeployOnDevnetOptions {
  /** @default none */
  readonly predecessor?: Hex;
  /** Creation code with its arguments. @default this release's */
  readonly creation?: Hex;
}

/** Deploys from the node's first account. */
export async function deployOnDevnet(
  devnet: Devnet,
  owner: Hex,
  { predecessor = `0x${"00".repeat(20)}`, creation }: DeployOnDevnetOptions = {},
): Promise<ContractOnDevnet> {
  const from = devnet.accounts[0]!.address;
  const data = creation ?? encodeDeployData({ abi, bytecode, args: [owner, predecessor] });
  const { receipt, contractAddress } = await sendRaw(devnet, { from, data });
  const to = contractAddress as Hex;
  const encode = (functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
  return {
    address: to,
    deployment: receipt,
    async send(from, functionName, args = [], overrides = {}) {
      return (await sendRaw(devnet, { from, to, data: encode(functionName, args), ...overrides })).receipt;
    },
    async read(functionName, args = []) {
      const data = await orRevert(
        devnet.request("eth_call", [{ to, data: encode(functionName, args) }, "latest"]),
      );
      return decodeFunctionResult(
        { abi, functionName, data } as unknown as Parameters<typeof decodeFunctionResult>[0],
      );
    },
  };
}

async function sendRaw(devnet: Devnet, transaction: object) {
  const hash = await orRevert(devnet.request("eth_sendTransaction", [transaction]));
  // Automine leaves a transaction waiting now and then.
  await devnet.request("evm_mine");
  // deno-lint-ignore no-explicit-any
  const receipt = await devnet.request("eth_getTransactionReceipt", [hash]) as any;
  // deno-lint-ignore no-explicit-any
  const block = await devnet.request("eth_getBlockByHash", [receipt.blockHash, false]) as any;
  if (receipt.status !== "0x1") {
    const before = `0x${(BigInt(receipt.blockNumber) - 1n).toString(16)}`;
    await orRevert(devnet.request("eth_call", [transaction, before]));
    throw new Error("the transaction reverted, the same call did not");
  }
  return {
    contractAddress: receipt.contractAddress,
    receipt: {
      gasUsed: BigInt(receipt.gasUsed),
      blockNumber: BigInt(receipt.blockNumber),
      timestamp: BigInt(block.timestamp),
      events: receipt.logs.map((log: { topics: [Hex, ...Hex[]]; data: Hex }) => {
        const { eventName, args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
        return { name: eventName, args };
      }),
    } as Receipt,
  };
}

async function orRevert(call: Promise<unknown>): Promise<Hex> {
  try {
    return await call as Hex;
  } catch (error) {
    const data = error instanceof PotError ? (error.cause as { data?: unknown }).data : undefined;
    if (typeof data !== "string") throw error;
    if (data === "0x") throw new Revert("no data");
    const { errorName, args = [] } = decodeErrorResult({ abi, data: data as Hex });
    throw new Revert(`${errorName}(${args.join(",")})`);
  }
}
