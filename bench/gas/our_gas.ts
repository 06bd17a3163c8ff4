import { proofOfTrainingAbi as abi, proofOfTrainingBytecode as bytecode } from "../../contracts/artifact.ts";
import { toHex } from "../../lib/core/hex.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { nodeHash } from "../../lib/core/merkle/node_hash.ts";
import { type GasChain, type MeasuredContract, sampleHash, sampleMetadata } from "./gas_chain.ts";

type Hex = `0x${string}`;

/** What one kind of transaction costs. */
export interface GasFigure {
  /** Says what is sent; a figure is found again by it. */
  readonly name: string;
  readonly gas: bigint;
}

type AddFigure = (name: string, gas: bigint) => void;

const NONE: Hex = `0x${"0".repeat(40)}`;
const OWNER = 1;
const SUBMITTER = 2;
/** From here on, nobody has anchored. */
const FREE_ACCOUNT = 3;
/** Submitters that get a lane: `LANES` in the contract. */
const LANES = 100;
const LENGTHS = [0, 64, 512, 2048];

/** Everything that `contracts/GAS.md` lists, on a chain of its own. */
export async function measureContract(chain: GasChain): Promise<readonly GasFigure[]> {
  const figures: GasFigure[] = [];
  const add = (name: string, gas: bigint) => void figures.push({ name, gas });
  await chain.addAccounts(LANES + 1);
  const contract = await chain.deploy({ abi, bytecode }, [chain.accounts[OWNER], NONE]);
  add("deployment", contract.deployment);
  await measureStoreHash(contract, add);
  await measureAnchor(contract, add);
  await measureViews(chain, contract, add);
  await measureManagement(chain, contract, add);
  return figures;
}

async function measureStoreHash(contract: MeasuredContract, add: AddFigure): Promise<void> {
  for (const length of LENGTHS) {
    const gas = await contract.gas("storeHash", [sampleHash, sampleMetadata(length)], SUBMITTER);
    add(`storeHash, ${length} B of metadata`, gas);
  }
  for (const length of [64, 512, 2048]) {
    const gas = await contract.gas("storeHash", [sampleHash, "é".repeat(length / 2)], SUBMITTER);
    add(`storeHash, ${length} B that are not ASCII`, gas);
  }
}

/** The worst of a hundred, as an anchor's price differs by the zero bytes in its root. */
async function measureAnchor(contract: MeasuredContract, add: AddFigure): Promise<void> {
  const anchor = (size: number, account: number) =>
    contract.gas(
      "anchor",
      [`0x${toHex(leafHash(new Uint8Array([size, size >> 8])))}`, BigInt(size) * 1000n],
      account,
    );
  add("anchor, a submitter's first", await anchor(1, SUBMITTER));
  let worst = 0n;
  for (let i = 2; i <= 101; i++) {
    const gas = await anchor(i, SUBMITTER);
    if (gas > worst) worst = gas;
  }
  add("anchor, the dearest of 100 later ones", worst);
}

async function measureViews(chain: GasChain, contract: MeasuredContract, add: AddFigure): Promise<void> {
  for (const [id, length] of [[1n, 0], [4n, 2048]] as const) {
    add(`getHash, ${length} B of metadata, as a transaction`, await contract.gas("getHash", [id]));
  }
  add("verifyHash, as a transaction", await contract.gas("verifyHash", [sampleHash, 1n]));
  for (const [account, depth] of [10, 20].entries()) {
    const { root, leaf, path } = uniformTree(depth);
    const size = 1n << BigInt(depth);
    const submitter = chain.accounts[FREE_ACCOUNT + account]!;
    const previous: Hex = `0x${"0".repeat(64)}`;
    const heads = [{
      root,
      size,
      blockNumber: await contract.send("anchor", [root, size], FREE_ACCOUNT + account),
    }];
    const args = [submitter, leaf, size / 3n, path, previous, heads];
    if (BigInt(await contract.read("verifyLeaf", args)) !== 1n) {
      throw new Error("verifyLeaf refused a true proof");
    }
    add(`verifyLeaf, path of ${depth}, as a transaction`, await contract.gas("verifyLeaf", args));
    add(`verifyLeaf, path of ${depth}, asked by a contract`, await contract.insideGas("verifyLeaf", args));
    if (account > 0) continue;
    add(
      "verifyHead, asked by a contract",
      await contract.insideGas("verifyHead", [submitter, previous, heads]),
    );
  }
}

async function measureManagement(chain: GasChain, contract: MeasuredContract, add: AddFigure): Promise<void> {
  const [root, next] = [uniformTree(1).root, FREE_ACCOUNT + 2];
  // Three submitters have anchored already.
  for (let i = 0; i < LANES - 3; i++) await contract.send("anchor", [root, 1n], next + i);
  const withoutLane = next + LANES - 3;
  add(
    "anchor, a submitter's first past the last lane",
    await contract.gas("anchor", [root, 1n], withoutLane),
  );
  add("anchor, later ones of that submitter", await contract.gas("anchor", [root, 2n], withoutLane));
  add("pauseContract, all lanes taken", await contract.gas("pauseContract", [], OWNER));
  add("unpauseContract, all lanes taken", await contract.gas("unpauseContract", [], OWNER));
  add("transferOwnership", await contract.gas("transferOwnership", [chain.accounts[0]], OWNER));
  add("acceptOwnership", await contract.gas("acceptOwnership", [], 0));
  const successor = await chain.deploy({ abi, bytecode }, [chain.accounts[OWNER], contract.address]);
  add("deployment with a predecessor", successor.deployment);
  add("retire, all lanes taken", await contract.gas("retire", [successor.address], 0));
  add(
    "anchor, a submitter's first in the successor",
    await successor.gas("anchor", [root, 1n << 40n], SUBMITTER),
  );
}

/** A tree of equal leaves: any leaf's path is the same, and needs no list of them. */
function uniformTree(
  depth: number,
): { readonly root: Hex; readonly leaf: Hex; readonly path: readonly Hex[] } {
  const leaf = leafHash(new TextEncoder().encode("a record"));
  const path: Hex[] = [];
  let node = leaf;
  for (let level = 0; level < depth; level++) {
    path.push(`0x${toHex(node)}`);
    node = nodeHash(node, node);
  }
  return { root: `0x${toHex(node)}`, leaf: `0x${toHex(leaf)}`, path };
}
