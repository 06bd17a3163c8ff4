import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import type { Devnet } from "../../lib/chain/devnet.ts";
import { toHex } from "../../lib/core/hex.ts";
import type { LogHead } from "../../lib/core/log_head.ts";

/**
 * Sends that many transactions of strangers, unlike each other, and leaves them in the pool. Nothing may mine meanwhile. Each stranger
 * keeps to one kind: Anvil orders by fee alone, and drops what then comes before its nonce.
 */
export async function sendStrangers(devnet: Devnet, count: number, contract: string): Promise<void> {
  const accounts = devnet.accounts.slice(4);
  const requests = Array.from({ length: count }, (_, i) => {
    const from = accounts[i % accounts.length]!.address;
    const to = accounts[(i + 1) % accounts.length]!.address;
    const shapes = [
      // Legacy, EIP-2930, EIP-1559.
      { from, to, value: "0x1", gasPrice: "0x77359400" },
      {
        from,
        to,
        value: "0x1",
        gasPrice: "0x77359400",
        accessList: [{ address: contract, storageKeys: [] }],
      },
      { from, to, value: "0x1", maxFeePerGas: "0x77359400", maxPriorityFeePerGas: "0x1" },
      // One that fails, and a contract of one byte.
      { from, to: contract, data: "0xdeadbeef", gas: "0x186a0" },
      { from, data: "0x600160005360016000f3", gas: "0x186a0" },
      // With events of its own.
      { from, to: contract, data: storeCall(i), gas: "0x7a120" },
    ];
    return shapes[i % accounts.length]!;
  });
  for (const request of requests) await devnet.request("eth_sendTransaction", [request]);
}

/** Anchors that head past all of our code; answers with the transaction's hash. */
export async function sendAnchor(
  devnet: Devnet,
  { size, root }: LogHead,
  { contract, from }: { readonly contract: string; readonly from: string },
): Promise<string> {
  const data = encodeFunctionData({
    abi: proofOfTrainingAbi,
    functionName: "anchor",
    args: [`0x${toHex(root)}`, size],
  });
  return await devnet.request("eth_sendTransaction", [{
    from,
    to: contract,
    data,
    gas: "0x30d40",
  }]) as string;
}

function storeCall(i: number): string {
  return encodeFunctionData({
    abi: proofOfTrainingAbi,
    functionName: "storeHash",
    args: [i.toString(16).padStart(64, "0"), "{}"],
  });
}
