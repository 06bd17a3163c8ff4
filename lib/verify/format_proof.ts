import { toBase64 } from "../core/base64.ts";
import { toHex } from "../core/hex.ts";
import type { Anchor, Proof, ReceiptProof } from "./proof.ts";

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

/** An anchor as a JSON value, its `path` where it has one. The inverse of `parseProofAnchor` and `parseAnchor`. */
export function formatAnchor(anchor: Anchor & { readonly path?: readonly Uint8Array[] }): unknown {
  const { kind, state, size, root, path, checkpoint, ...rest } = anchor;
  return {
    kind,
    state,
    size: String(size),
    root: toHex(root),
    ...(path === undefined ? {} : { path: path.map(toHex) }),
    checkpoint,
    ...JSON.parse(JSON.stringify(rest, (name, value) => {
      if (name === "receiptProof" && typeof value === "object") return formatReceiptProof(value);
      return typeof value === "bigint" ? String(value) : value;
    })),
  };
}

/** A receipt proof as a JSON value, bytes as base64. The inverse of `parseReceiptProof`. */
export function formatReceiptProof(proof: ReceiptProof | "unavailable"): unknown {
  if (proof === "unavailable") return proof;
  const { header, receipt, path } = proof;
  return { header: toBase64(header), receipt: toBase64(receipt), path: path.map(toBase64) };
}
