// The peers are no dependency of the package, so they are named here and not in deno.json.
// deno-lint-ignore-file no-import-prefix
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { MerkleTree as FixedMerkleTree } from "npm:fixed-merkle-tree@0.7.3";
import { MerkleTree as MerkleTreeJs } from "npm:merkletreejs@0.6.0";
import { SimpleMerkleTree } from "npm:@openzeppelin/merkle-tree@1.0.8";
import { createMerkleTree, type TreeOptions } from "../lib/core/merkle/merkle_tree.ts";
import { merkleRoot } from "../lib/core/merkle/merkle_root.ts";
import { nobleRowHasher } from "../lib/core/merkle/noble_row_hasher.ts";
import { nodeHash } from "../lib/core/merkle/node_hash.ts";
import { verifyInclusion } from "../lib/core/merkle/verify_inclusion.ts";

/** A library under measurement. Leaves are 32-byte hashes, handed over in the form it takes them, outside the clock. */
export interface Contender {
  readonly name: string;
  /** Converts the leaves (end to end in one buffer); `build` is what is timed. */
  prepare(flatLeaves: Uint8Array): { build(): BuiltTree };
  /** A call that verifies one proof: siblings leaf to root, and whether the known node is a right child. */
  prepareVerify(leaf: Uint8Array, siblings: readonly Uint8Array[], index: number): () => boolean;
}

export interface BuiltTree {
  /** Absent where only the root was computed. */
  prove?(index: number): unknown;
}

type HashBytes = (data: Uint8Array) => Uint8Array;

const pair = new Uint8Array(64);

function hashUnprefixed(left: Uint8Array, right: Uint8Array, hash: HashBytes): Uint8Array {
  pair.set(left);
  pair.set(right, 32);
  return hash(pair);
}

/** The root that the siblings lead to, by the contender's own way of hashing two nodes. */
function rootOf(
  leaf: Uint8Array,
  siblings: readonly Uint8Array[],
  index: number,
  hash2: (left: Uint8Array, right: Uint8Array) => Uint8Array,
): Uint8Array {
  return siblings.reduce(
    (node, sibling, level) => (index >> level) & 1 ? hash2(sibling, node) : hash2(node, sibling),
    leaf,
  );
}

function sliceLeaves<T>(flat: Uint8Array, convert: (leaf: Uint8Array) => T): T[] {
  return Array.from({ length: flat.length / 32 }, (_, i) => convert(flat.subarray(i * 32, i * 32 + 32)));
}

function pot(name: string, options: TreeOptions): Contender {
  return {
    name,
    prepare: (flat) => ({
      build() {
        const tree = createMerkleTree(flat, options);
        tree.root();
        return { prove: (index) => tree.inclusionPath(BigInt(index)) };
      },
    }),
    prepareVerify(leaf, siblings, index) {
      const root = rootOf(leaf, siblings, index, nodeHash);
      const claim = {
        leafHash: leaf,
        index: BigInt(index),
        size: 1n << BigInt(siblings.length),
        path: siblings,
        root,
      };
      return () => verifyInclusion(claim);
    },
  };
}

function merkletreejs(name: string, hash: HashBytes): Contender {
  // Its type asks for a Buffer back, while its documentation and its code also take a Uint8Array.
  const hashBuffer = hash as unknown as (data: Buffer) => Buffer;
  return {
    name,
    prepare(flat) {
      const leaves = sliceLeaves(flat, (leaf) => Buffer.from(leaf));
      return {
        build() {
          const tree = new MerkleTreeJs(leaves, hashBuffer);
          tree.getRoot();
          return { prove: (index) => tree.getProof(leaves[index]!, index) };
        },
      };
    },
    prepareVerify(leaf, siblings, index) {
      const root = Buffer.from(
        rootOf(leaf, siblings, index, (left, right) => hashUnprefixed(left, right, hash)),
      );
      const proof = siblings.map((sibling, level) => ({
        position: (index >> level) & 1 ? "left" as const : "right" as const,
        data: Buffer.from(sibling),
      }));
      const target = Buffer.from(leaf);
      const tree = new MerkleTreeJs([], hashBuffer);
      return () => tree.verify(proof, target, root);
    },
  };
}

/** Its elements are strings or numbers, so hashes are hex. It has no verifier: one folds the path with the same function. */
function fixedMerkleTree(name: string, hashHex: (joinedHex: string) => string): Contender {
  const hashFunction = (left: string | number, right: string | number) => hashHex(`${left}${right}`);
  return {
    name,
    prepare(flat) {
      const leaves = sliceLeaves(flat, bytesToHex);
      const depth = Math.ceil(Math.log2(leaves.length));
      return {
        build() {
          const tree = new FixedMerkleTree(depth, leaves, { hashFunction, zeroElement: "00".repeat(32) });
          if (tree.root === undefined) throw new Error("fixed-merkle-tree built no root");
          return { prove: (index) => tree.path(index) };
        },
      };
    },
    prepareVerify(leaf, siblings, index) {
      const path = siblings.map(bytesToHex);
      const pathIndices = siblings.map((_, level) => (index >> level) & 1);
      const start = bytesToHex(leaf);
      const fold = () => {
        let node = start;
        for (let i = 0; i < path.length; i++) {
          node = pathIndices[i] === 1 ? hashFunction(path[i]!, node) : hashFunction(node, path[i]!);
        }
        return node;
      };
      const root = fold();
      return () => fold() === root;
    },
  };
}

const openZeppelin: Contender = {
  name: "@openzeppelin/merkle-tree (keccak)",
  prepare(flat) {
    const leaves = sliceLeaves(flat, bytesToHex).map((hex) => `0x${hex}`);
    return {
      build() {
        const tree = SimpleMerkleTree.of(leaves, { sortLeaves: false });
        if (tree.root === undefined) throw new Error("@openzeppelin/merkle-tree built no root");
        return { prove: (index) => tree.getProof(index) };
      },
    };
  },
  prepareVerify(leaf, siblings) {
    // Its pairs are sorted, so a proof needs no index.
    const root = siblings.reduce((node, sibling) => {
      const [low, high] = bytesToHex(node) < bytesToHex(sibling) ? [node, sibling] : [sibling, node];
      return hashUnprefixed(low, high, keccak_256);
    }, leaf);
    const [rootHex, leafHex, ...proof] = [root, leaf, ...siblings].map((hash) => `0x${bytesToHex(hash)}`);
    return () => SimpleMerkleTree.verify(rootHex!, leafHex!, proof);
  },
};

const nodeSha256: HashBytes = (data) => createHash("sha256").update(data).digest();

/**
 * Ours, ours for the root alone, and our tree by the reference through its documented calls; then the peers. The keccak
 * one comes last, as it is no like-for-like peer.
 */
export const contenders: readonly Contender[] = [
  pot("pot, SIMD engine", {}),
  {
    ...pot("pot, SIMD engine, root only", {}),
    prepare: (flat) => ({
      build() {
        merkleRoot(flat);
        return {};
      },
    }),
  },
  pot("pot, @noble/hashes", { rowHasher: nobleRowHasher }),
  merkletreejs("merkletreejs, @noble/hashes", sha256),
  fixedMerkleTree("fixed-merkle-tree, @noble/hashes", (hex) => bytesToHex(sha256(hexToBytes(hex)))),
  merkletreejs("merkletreejs, node:crypto", nodeSha256),
  fixedMerkleTree(
    "fixed-merkle-tree, node:crypto",
    (hex) => createHash("sha256").update(hex, "hex").digest("hex"),
  ),
  openZeppelin,
];
