import fc from "fast-check";
import { encodeAbiParameters } from "viem/utils";
import { toHex } from "../../../lib/core/hex.ts";
import { inclusionPath } from "../../../lib/core/merkle/inclusion_path.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { type InclusionClaim, verifyInclusion } from "../../../lib/core/merkle/verify_inclusion.ts";

const VECTOR = [{
  type: "tuple",
  components: [
    { name: "leafHash", type: "bytes32" },
    { name: "root", type: "bytes32" },
    { name: "size", type: "uint64" },
    { name: "index", type: "uint64" },
    { name: "path", type: "bytes32[]" },
    { name: "isIncluded", type: "bool" },
  ],
}] as const;

const MAX_SIZE = 300;
const leaves = Array.from({ length: MAX_SIZE }, (_, i) => leafHash(new TextEncoder().encode(`leaf ${i}`)));
const hex = (bytes: Uint8Array): `0x${string}` => `0x${toHex(bytes)}`;

const claims = fc.integer({ min: 1, max: MAX_SIZE }).chain((size) =>
  fc.nat(size - 1).map((index): InclusionClaim => ({
    leafHash: leaves[index]!,
    root: merkleRoot(leaves.slice(0, size)),
    size: BigInt(size),
    index: BigInt(index),
    path: inclusionPath(leaves.slice(0, size), BigInt(index)),
  }))
);
const anyHash = fc.oneof(fc.constantFrom(...leaves), fc.uint8Array({ minLength: 32, maxLength: 32 }));
const anySize = fc.oneof(
  fc.bigInt({ min: 1n, max: 400n }),
  fc.bigInt({ min: 0n, max: 62n }).map((shift) => 1n << shift),
  fc.bigInt({ min: 1n, max: (1n << 63n) - 1n }),
);

/** What is true, and what is nearly so: changes that matter and some that don't (a size of the same depth). */
const changed = fc.tuple(claims, fc.nat(7), anyHash, anySize, fc.nat(9)).map(
  ([claim, kind, hash, size, at]): InclusionClaim => {
    const { path } = claim;
    switch (kind) {
      case 0:
        return { ...claim, leafHash: hash };
      case 1:
        return { ...claim, size };
      case 2:
        return { ...claim, index: size - 1n };
      case 3:
        return { ...claim, path: [...path, hash] };
      case 4:
        return { ...claim, path: path.slice(0, -1) };
      case 5:
        return path.length === 0 ? claim : { ...claim, path: path.with(at % path.length, hash) };
      case 6:
        return { ...claim, size: claim.size + BigInt(at), index: claim.index ^ BigInt(at & 1) };
      default:
        return claim;
    }
  },
);

/** That many claims with the answer of our verifier, ABI-encoded, one a line. */
export function merkleVectors(count: number, seed: number): string {
  const lines = fc.sample(changed, { numRuns: count, seed }).map((claim) => {
    const { leafHash, root, size, index, path } = claim;
    return encodeAbiParameters(VECTOR, [{
      leafHash: hex(leafHash),
      root: hex(root),
      size,
      index,
      path: path.map(hex),
      isIncluded: verifyInclusion(claim),
    }]);
  });
  return `${lines.join("\n")}\n`;
}
