import { createMerkleProof, createMPT } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { quantityBytes } from "./block_header.ts";

/** The trie of a block's receipts (yellow paper, §4.3.2 and appendix D). */
export interface ReceiptsTrie {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** The nodes from the root to the leaf of that receipt, RLP each. */
  path(index: number): Promise<readonly Uint8Array[]>;
}

/** Builds the trie over all receipts of a block, in the block's order. */
export async function buildReceiptsTrie(receipts: readonly Uint8Array[]): Promise<ReceiptsTrie> {
  const trie = await createMPT();
  for (const [index, receipt] of receipts.entries()) await trie.put(keyOf(index), receipt);
  return { root: trie.root(), path: (index) => createMerkleProof(trie, keyOf(index)) };
}

function keyOf(index: number): Uint8Array {
  return RLP.encode(quantityBytes(BigInt(index)));
}
