import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import type { Devnet } from "../../lib/chain/devnet.ts";

export interface FillOptions {
  readonly hashes: number;
  readonly anchors: number;
  /** Accounts that write, from the second one on. @default 4 */
  readonly writers?: number;
  /** Hashes in a block. @default 20 */
  readonly perBlock?: number;
  /** Blocks before the first that holds something: the node copies its state for every block, and here it is small. @default 0 */
  readonly emptyBlocks?: number;
}

/** What was written. */
export interface Filled {
  readonly hashes: readonly {
    readonly hash: string;
    readonly metadata: string;
    readonly submitter: string;
  }[];
  readonly anchors: readonly { readonly root: string; readonly size: bigint; readonly submitter: string }[];
}

/**
 * Fills a contract on a devnet that was started with `--no-mining`, past all of our code: unlocked accounts, nonces of our own, batches, and a
 * block whenever we say so.
 */
export async function fillContract(
  devnet: Devnet,
  contract: string,
  { hashes, anchors, writers = 4, perBlock = 20, emptyBlocks = 0 }: FillOptions,
): Promise<Filled> {
  const accounts = devnet.accounts.slice(1, 1 + writers).map(({ address }) => address);
  const nonces = new Map<string, number>();
  for (const address of accounts) {
    nonces.set(address, Number(await devnet.request("eth_getTransactionCount", [address, "latest"])));
  }
  const written = { hashes: [] as Filled["hashes"][number][], anchors: [] as Filled["anchors"][number][] };
  const blocks = Math.ceil(hashes / perBlock);
  let calls: { method: string; params: unknown[] }[] = [];

  async function flush(): Promise<void> {
    const response = await fetch(devnet.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call }))),
    });
    calls = [];
    for (const { error } of await response.json()) if (error) throw new Error(JSON.stringify(error));
  }
  function send(from: string, data: string): void {
    const nonce = nonces.get(from)!;
    nonces.set(from, nonce + 1);
    const transaction = {
      from,
      to: contract,
      data,
      gas: "0xf4240",
      gasPrice: "0x174876e800",
      nonce: `0x${nonce.toString(16)}`,
    };
    calls.push({ method: "eth_sendTransaction", params: [transaction] });
  }

  if (emptyBlocks > 0) await devnet.request("anvil_mine", [`0x${emptyBlocks.toString(16)}`]);
  for (let block = 0; block < blocks; block++) {
    const submitter = accounts[block % accounts.length]!;
    for (let i = 0; i < perBlock && written.hashes.length < hashes; i++) {
      const id = written.hashes.length + 1;
      const hash = id.toString(16).padStart(64, "0");
      const metadata = `{"step":${id}}`;
      send(
        submitter,
        encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "storeHash", args: [hash, metadata] }),
      );
      written.hashes.push({ hash, metadata, submitter });
    }
    while (written.anchors.length < Math.round(anchors * (block + 1) / blocks)) {
      const size = BigInt(written.anchors.length + 1);
      const root = `0x${size.toString(16).padStart(64, "a")}` as const;
      send(
        submitter,
        encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "anchor", args: [root, size] }),
      );
      written.anchors.push({ root: root.slice(2), size, submitter });
    }
    // By itself, as the node takes a batch's calls in any order.
    await flush();
    await devnet.request("anvil_mine", ["0x1"]);
  }
  // So that the last of them is final.
  await devnet.request("anvil_mine", ["0x4"]);
  return written;
}
