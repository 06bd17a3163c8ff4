import type { ChainClient } from "../chain/chain_client.ts";
import type { DocumentStore } from "../io/document_store.ts";
import type { Log } from "../log/log.ts";
import type { AnchorStore } from "../recorder/anchor_store.ts";
import type { Recorder } from "../recorder/recorder.ts";
import type { PortRules } from "./guard_port.ts";

/** What the recorder of a runtime asks for. Anchoring is noted by the chain client, and only where something is sent. */
export const RECORDER_RULES: PortRules<Recorder> = {
  record: { verb: "record.append" },
  recordCheckpoint: { verb: "record.append" },
  recordValidation: { verb: "record.append" },
  anchorPending: { check: "anchor.send" },
  refreshAnchors: { verb: "anchor.refresh" },
  prove: "reads",
  proveRun: "reads",
  upgrade: { verb: "anchor.refresh" },
  upgradeBatch: { verb: "anchor.refresh" },
  status: "reads",
};

/** What the chain client of a runtime asks for. */
export const CHAIN_RULES: PortRules<ChainClient> = {
  storeHash: { verb: "chain.store", subject: (hash) => `hash ${hash.slice(0, 64)}` },
  retrieveHash: "reads",
  verifyHash: "reads",
  anchor: { verb: "anchor.send", subject: ({ size }) => anchorSubject(size) },
  findAnchor: "reads",
  refresh: "reads",
  settle: { check: "anchor.send" },
  lineage: "reads",
  health: "reads",
};

/** The same for the recorder's own use: records that it stores one by one are told of by journal and stored.jsonl. */
export const RECORDER_CHAIN_RULES: PortRules<ChainClient> = {
  ...CHAIN_RULES,
  storeHash: { check: "chain.store" },
};

/** What the log of a runtime asks for. */
export const LOG_RULES: PortRules<Log> = {
  verifierKeys: "reads",
  append: { verb: "record.append" },
  size: "reads",
  checkpoint: { verb: "log.checkpoint" },
  publishedCheckpoint: "reads",
  addSignatures: { verb: "log.cosign" },
  headAt: "reads",
  entry: "reads",
  entries: "reads",
  find: "reads",
  inclusionPath: "reads",
  consistencyPath: "reads",
  subtreeHashes: "reads",
  runs: "reads",
  runIndices: "reads",
};

/** What the kept anchors of a runtime ask for. */
export const ANCHOR_RULES: PortRules<AnchorStore> = {
  list: "reads",
  put: { verb: "anchor.refresh" },
  addSignatures: { verb: "log.cosign" },
  underWay: "reads",
  setUnderWay: { check: "anchor.send" },
  exclusively: { check: "anchor.refresh" },
};

/** What the kept documents of a runtime ask for. */
export const DOCUMENT_RULES: PortRules<DocumentStore> = {
  put: { verb: "document.put" },
  get: "reads",
};

/** How the trail names an anchor. */
export function anchorSubject(size: bigint): string {
  return `size ${size}`;
}
