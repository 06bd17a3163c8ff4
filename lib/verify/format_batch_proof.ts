import { toBase64 } from "../core/base64.ts";
import { gzip } from "../core/gzip.ts";
import type { BatchProof, BatchRecord } from "./batch_proof.ts";
import { formatAnchor } from "./format_proof.ts";

const LINE_END = 0x0a;

/** The text of a batch proof's file: indented JSON with a final newline. The inverse of `parseBatchProof`. */
export async function formatBatchProof(proof: BatchProof): Promise<string> {
  const json = {
    schema: proof.schema,
    indices: formatIndices(proof.records.map(({ index }) => index)),
    // One canonical JSON text a line: it has no line ends of its own, and most of a run's records repeat.
    records: toBase64(await gzip(joinLines(proof.records))),
    nodes: toBase64(joinNodes(proof.nodes)),
    logKeys: proof.logKeys,
    anchors: proof.anchors.map(formatAnchor),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Neighbours as one stretch: `["3", "7-12"]`. */
function formatIndices(indices: readonly bigint[]): readonly string[] {
  const stretches: { first: bigint; last: bigint }[] = [];
  for (const index of indices) {
    const current = stretches.at(-1);
    if (current !== undefined && current.last + 1n === index) current.last = index;
    else stretches.push({ first: index, last: index });
  }
  return stretches.map(({ first, last }) => first === last ? `${first}` : `${first}-${last}`);
}

function joinLines(records: readonly BatchRecord[]): Uint8Array {
  const joined = new Uint8Array(records.reduce((sum, { bytes }) => sum + bytes.length + 1, 0));
  let at = 0;
  for (const { bytes } of records) {
    joined.set(bytes, at);
    at += bytes.length;
    joined[at++] = LINE_END;
  }
  return joined;
}

function joinNodes(nodes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(nodes.length * 32);
  nodes.forEach((node, i) => joined.set(node, i * 32));
  return joined;
}
