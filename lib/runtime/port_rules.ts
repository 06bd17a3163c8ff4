import type { TokenStore } from "../access/token_store.ts";
import type { ChainClient } from "../chain/chain_client.ts";
import type { DocumentStore } from "../io/document_store.ts";
import type { Log } from "../log/log.ts";
import type { AnchorStore } from "../recorder/anchor_store.ts";
import type { Recorder } from "../recorder/recorder.ts";
import type { PortRules } from "./guard_port.ts";
import type { Backups } from "./open_backups.ts";

/**
 * What the recorder of a runtime asks for. Anchoring is noted by the chain client, and only where something is sent. Bringing a proof up
 * to date has no line: it keeps what the chain says at most, and has to work on a home that takes no writes.
 */
export const RECORDER_RULES: PortRules<Recorder> = {
  record: { verb: "record.append" },
  recordCheckpoint: { verb: "record.append" },
  recordValidation: { verb: "record.append" },
  anchorPending: { check: "anchor.send" },
  refreshAnchors: { verb: "anchor.refresh" },
  prove: "reads",
  proveRun: "reads",
  upgrade: { check: "anchor.refresh" },
  upgradeBatch: { check: "anchor.refresh" },
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

/** What the tokens of a home folder ask for. To try one is anybody's, and tells nothing but to whom it is. */
export const TOKEN_RULES: PortRules<TokenStore> = {
  create: { verb: "tokens.new", subject: ({ name, role }) => `${name} ${role}` },
  list: "reads",
  revoke: { verb: "tokens.revoke", subject: (idOrName) => `${idOrName}` },
  authenticate: "reads",
};

/** What the backups of a job ask for: what the configured rule does not keep goes with the making of a new one. */
export const JOB_BACKUP_RULES: PortRules<Backups> = {
  origin: "reads",
  identities: "reads",
  create: { verb: "backup.create" },
  list: "reads",
  find: "reads",
  verify: { verb: "backup.verify" },
  prune: { verb: "backup.create", subject: () => "removes what is not kept" },
};

/** How the trail names an anchor. */
export function anchorSubject(size: bigint): string {
  return `size ${size}`;
}
