import type { Abi } from "viem";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { startDevnet } from "../../lib/chain/devnet.ts";

type Hex = `0x${string}`;

/** A contract on the chain where gas is measured. */
export interface MeasuredContract {
  readonly address: Hex;
  /** Gas of the deployment, the whole transaction. */
  readonly deployment: bigint;
  /** Gas of the whole transaction that makes a call, sent by the account at that place. Views as well. */
  gas(functionName: string, args?: readonly unknown[], account?: number): Promise<bigint>;
  /** Sends a call and answers with its block's number. */
  send(functionName: string, args?: readonly unknown[], account?: number): Promise<bigint>;
  /** Gas that the same call takes inside, without what a transaction costs by itself: what another contract pays. */
  insideGas(functionName: string, args?: readonly unknown[], account?: number): Promise<bigint>;
  /** What a view returns, undecoded. */
  read(functionName: string, args?: readonly unknown[]): Promise<Hex>;
}

/** Anvil under Prague rules, where every transaction is in a block of its own. */
export interface GasChain extends AsyncDisposable {
  readonly accounts: readonly Hex[];
  deploy(
    code: { abi: readonly unknown[]; bytecode: string },
    args?: readonly unknown[],
  ): Promise<MeasuredContract>;
  /** Makes accounts past Anvil's own ten, with money. */
  addAccounts(count: number): Promise<void>;
}

interface Transaction {
  readonly from: Hex;
  readonly to?: Hex;
  readonly data: Hex;
}

/** Enough for anything measured here. */
const GAS_LIMIT = "0xf00000";

export async function openGasChain(): Promise<GasChain> {
  const devnet = await startDevnet({ args: ["--steps-tracing"] });
  const accounts = devnet.accounts.map(({ address }) => address);

  async function send(transaction: Transaction) {
    const hash = await devnet.request("eth_sendTransaction", [{ ...transaction, gas: GAS_LIMIT }]);
    // Automine leaves a transaction waiting now and then.
    await devnet.request("evm_mine");
    const receipt = await devnet.request("eth_getTransactionReceipt", [hash]) as {
      status: string;
      gasUsed: Hex;
      blockNumber: Hex;
      contractAddress: Hex;
    };
    if (receipt.status !== "0x1") {
      throw new Error(`a measured transaction reverted: ${transaction.data.slice(0, 10)}`);
    }
    return receipt;
  }

  return {
    accounts,
    async addAccounts(count) {
      for (let i = 0; i < count; i++) {
        const address: Hex = `0x${(accounts.length + 1).toString(16).padStart(4, "a").repeat(10)}`;
        await devnet.request("anvil_setBalance", [address, "0xde0b6b3a7640000"]);
        await devnet.request("anvil_impersonateAccount", [address]);
        accounts.push(address);
      }
    },
    async deploy({ abi, bytecode }, args = []) {
      const data = encodeDeployData({ abi: abi as Abi, bytecode: bytecode as Hex, args });
      const { gasUsed, contractAddress: to } = await send({ from: accounts[0]!, data });
      const encode = (functionName: string, args: readonly unknown[]) =>
        encodeFunctionData({ abi: abi as Abi, functionName, args });
      return {
        address: to,
        deployment: BigInt(gasUsed),
        async gas(functionName, args = [], account = 1) {
          const { gasUsed } = await send({ from: accounts[account]!, to, data: encode(functionName, args) });
          return BigInt(gasUsed);
        },
        async send(functionName, args = [], account = 1) {
          const { blockNumber } = await send({
            from: accounts[account]!,
            to,
            data: encode(functionName, args),
          });
          return BigInt(blockNumber);
        },
        async insideGas(functionName, args = [], account = 1) {
          const call = { from: accounts[account]!, to, data: encode(functionName, args), gas: GAS_LIMIT };
          const { structLogs } = await devnet.request("debug_traceCall", [call, "latest", {}]) as {
            structLogs: readonly { readonly gas: number }[];
          };
          return BigInt(structLogs[0]!.gas - structLogs.at(-1)!.gas);
        },
        async read(functionName, args = []) {
          return await devnet.request("eth_call", [
            { to, data: encode(functionName, args) },
            "latest",
          ]) as Hex;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await devnet[Symbol.asyncDispose]();
    },
  };
}

/** JSON that says something, cut to a length: as little ASCII is special to the contract as any other. */
export function sampleMetadata(lengthBytes: number): string {
  const sample =
    '{"run":"resnet-50/2026-01-31","epoch":12,"loss":0.2187,"accuracy":0.9341,"optimizer":"AdamW"}';
  return sample.repeat(Math.ceil(lengthBytes / sample.length)).slice(0, lengthBytes);
}

/** 64 characters, none of whose bytes is zero. */
export const sampleHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a18";
