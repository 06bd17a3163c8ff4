import { toBase64 } from "../core/base64.ts";
import { toHex } from "../core/hex.ts";
import type { Proof, ProofAnchor } from "./proof.ts";

/** The text of a proof file: indented JSON with a final newline, sizes and indices as decimal strings. */
export function formatProof(proof: Proof): string {
  const json = {
    schema: proof.schema,
    record: toBase64(proof.record),
    index: String(proof.index),
    logKeys: proof.logKeys,
    anchors: proof.anchors.map(formatAnchor),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function formatAnchor({ size, root, path, checkpoint, kind, state, ...rest }: ProofAnchor): unknown {
  const head = { kind, state, size: String(size), root: toHex(root), path: path.map(toHex), checkpoint };
  return {
    ...head,
    ...JSON.parse(JSON.stringify(rest, (_, value) => typeof value === "bigint" ? String(value) : value)),
  };
}
