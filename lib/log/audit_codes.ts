/** Which part of an installation a mismatch is about. */
export type AuditArea =
  | "entries"
  | "write-ahead"
  | "tiles"
  | "index"
  | "checkpoints"
  | "anchors"
  | "ledger"
  | "stored hashes"
  | "manifests"
  | "access trail"
  | "contract";

/** What a kind of mismatch means to whoever runs the log, and what to do about it. */
export interface AuditCodeText {
  readonly area: AuditArea;
  readonly meaning: string;
  readonly advice: string;
}

const RESTORE_LOG = "keep a copy of the home folder as it is, check the disk, and restore log/ from a backup";
const FIND_OUT =
  "stop recording, keep a copy of everything as it is, and find out who had access to this machine";

const CODES = {
  "entry-altered": {
    area: "entries",
    meaning: "the bytes of a record are not the ones that were recorded: its hash is stored, and is another",
    advice: RESTORE_LOG,
  },
  "entry-missing": {
    area: "entries",
    meaning: "a record that was durable is not there any more, though its hash is still stored",
    advice: RESTORE_LOG,
  },
  "entry-added": {
    area: "entries",
    meaning: "there is a record between others that was never hashed into the log",
    advice: FIND_OUT,
  },
  "entries-swapped": {
    area: "entries",
    meaning: "records stand in another order than they were recorded in",
    advice: FIND_OUT,
  },
  "records-lost": {
    area: "entries",
    meaning: "the log held more records once than it does now: the newest ones are gone",
    advice: "restore log/ from a backup before anything is appended: the next write cuts off what is broken",
  },
  "record-invalid": {
    area: "entries",
    meaning: "an entry is no canonical record, so no version of pot can have written it",
    advice: FIND_OUT,
  },
  "previous-differs": {
    area: "entries",
    meaning: "a record does not name the record of its run before it: the chain of that run is broken",
    advice: "look at the run with: pot runs <run>; if nothing imported those records, restore from a backup",
  },
  "event-repeated": {
    area: "entries",
    meaning: "one event stands in the log twice, which recording never does",
    advice: FIND_OUT,
  },
  "bundle-missing": {
    area: "entries",
    meaning: "a file with up to 256 records is gone",
    advice: RESTORE_LOG,
  },
  "bundle-damaged": {
    area: "entries",
    meaning: "a file of records is cut off or does not hold as many as it should",
    advice: RESTORE_LOG,
  },
  "bundle-differs": {
    area: "entries",
    meaning: "an older version of a file of records holds other records than the newer one",
    advice: "delete the partial file (the folder ending in .p) if the full file is right, else restore log/",
  },
  "write-ahead-missing": {
    area: "write-ahead",
    meaning: "the file that takes new records is gone, and with it the records that no checkpoint covered",
    advice: RESTORE_LOG,
  },
  "write-ahead-damaged": {
    area: "write-ahead",
    meaning: "the file that takes new records was changed after it was written: a checksum does not fit",
    advice: RESTORE_LOG,
  },
  "write-ahead-differs": {
    area: "write-ahead",
    meaning: "the file that takes new records holds other records than were published from it",
    advice: FIND_OUT,
  },
  "tile-missing": {
    area: "tiles",
    meaning: "a file of hashes is gone, so proofs of the records below it cannot be made",
    advice: RESTORE_LOG,
  },
  "tile-damaged": {
    area: "tiles",
    meaning: "a file of hashes does not have the length it should",
    advice: RESTORE_LOG,
  },
  "tile-differs": {
    area: "tiles",
    meaning: "a stored hash of the tree is not the one that the records give: proofs through it fail",
    advice: RESTORE_LOG,
  },
  "index-damaged": {
    area: "index",
    meaning: "the index cannot be read; no evidence is lost, as it is derived",
    advice: "stop what uses the log, then: pot log index",
  },
  "index-differs": {
    area: "index",
    meaning: "the index says something else than the records: a record may not be found, or be taken twice",
    advice: "stop what uses the log, then: pot log index (PostgreSQL: restore the database from a backup)",
  },
  "checkpoint-missing": {
    area: "checkpoints",
    meaning: "records were published, but the signed checkpoint over them is gone",
    advice: RESTORE_LOG,
  },
  "checkpoint-damaged": {
    area: "checkpoints",
    meaning: "the checkpoint is no signed note of this log",
    advice: RESTORE_LOG,
  },
  "checkpoint-differs": {
    area: "checkpoints",
    meaning: "the records are not those that the log's key signed",
    advice: FIND_OUT,
  },
  "note-forged": {
    area: "checkpoints",
    meaning: "a checkpoint is signed by no key of this log",
    advice: `${FIND_OUT}; compare pot log keys with what you published`,
  },
  "key-range-violated": {
    area: "checkpoints",
    meaning:
      "a checkpoint is signed by a key of this log that may not vouch for that size, as a stolen one would be",
    advice: `${FIND_OUT}; compare pot log keys with what you published`,
  },
  "log-keys-damaged": {
    area: "checkpoints",
    meaning: "the list of the log's keys cannot be read, or one did not hand over to the next",
    advice: "restore log-keys.jsonl from a backup, or from what you published",
  },
  "anchor-line-damaged": {
    area: "anchors",
    meaning: "a line of anchors.jsonl is not one of ours, or contradicts itself",
    advice: "restore anchors.jsonl from a backup; the chain still has the anchors",
  },
  "anchor-differs": {
    area: "anchors",
    meaning:
      "history was rewritten after it was anchored: the records are not the ones that were committed to",
    advice: `${FIND_OUT}; proofs that were handed out before still hold what was there`,
  },
  "anchor-beyond-log": {
    area: "anchors",
    meaning: "more records were anchored than the log has: it was cut short, or an old backup was restored",
    advice: "restore the newest backup of log/ before anything is recorded",
  },
  "anchor-conflict": {
    area: "anchors",
    meaning: "two anchors commit to different records at the same size: there were two histories",
    advice: FIND_OUT,
  },
  "anchors-inconsistent": {
    area: "anchors",
    meaning: "from its tiles, the log cannot prove that a later anchor extends the one before it",
    advice: "mend what else is reported first; if nothing else is, restore log/ and anchors.jsonl together",
  },
  "receipt-proof-invalid": {
    area: "anchors",
    meaning: "the way from an anchor to its block that was captured does not hold",
    advice: "restore anchors.jsonl from a backup: nodes may have pruned the receipt",
  },
  "ledger-line-damaged": {
    area: "ledger",
    meaning: "a line of the local ledger is not one of ours",
    advice: "restore provenance_records.jsonl from a backup",
  },
  "ledger-order": {
    area: "ledger",
    meaning: "lines of the local ledger were moved, dropped or added: each says which line it is",
    advice: "restore provenance_records.jsonl from a backup",
  },
  "ledger-repeated": {
    area: "ledger",
    meaning: "a line of the local ledger repeats the id or key of an earlier one, which writing never does",
    advice: "restore provenance_records.jsonl from a backup",
  },
  "ledger-differs": {
    area: "ledger",
    meaning: "the local ledger commits to other records than the log holds",
    advice: FIND_OUT,
  },
  "ledger-missing": {
    area: "ledger",
    meaning: "what is noted as written to the local ledger is not there",
    advice: "restore provenance_records.jsonl from a backup",
  },
  "stored-line-damaged": {
    area: "stored hashes",
    meaning: "a line of stored.jsonl is not one of ours",
    advice: "restore stored.jsonl from a backup; without it every record is looked up and stored again",
  },
  "stored-differs": {
    area: "stored hashes",
    meaning: "a hash that was stored by itself is not that of the record at its place",
    advice: FIND_OUT,
  },
  "stored-repeated": {
    area: "stored hashes",
    meaning: "a record is noted as stored twice",
    advice: "restore stored.jsonl from a backup",
  },
  "stored-gap": {
    area: "stored hashes",
    meaning: "a record is not noted as stored although later ones are, which are stored in order",
    advice: "restore stored.jsonl from a backup",
  },
  "manifest-missing": {
    area: "manifests",
    meaning: "a document that a record names by its digest is not kept here; the record itself is sound",
    advice: "restore manifests/ from a backup, or make it again from the folder that was recorded",
  },
  "manifest-altered": {
    area: "manifests",
    meaning: "a kept document is not the one that its name says",
    advice: "restore manifests/ from a backup, or make it again from the folder that was recorded",
  },
  "access-line-damaged": {
    area: "access trail",
    meaning: "a line of access.jsonl is not one of ours",
    advice: "restore access.jsonl from a backup",
  },
  "access-order": {
    area: "access trail",
    meaning: "lines of the access trail were moved, dropped or added: each says which line it is",
    advice: FIND_OUT,
  },
  "access-chain-broken": {
    area: "access trail",
    meaning: "a line of the access trail does not name the hash of the one before: that one was changed",
    advice: FIND_OUT,
  },
  "access-cut": {
    area: "access trail",
    meaning: "the newest lines of the access trail are gone, or what says how far it reached",
    advice: "restore access.jsonl and access-head.json together from a backup, and find out who cut them",
  },
  "access-head-differs": {
    area: "access trail",
    meaning: "the access trail is not the one that the log's key signed: it was written anew",
    advice: FIND_OUT,
  },
  "access-head-forged": {
    area: "access trail",
    meaning: "what says how far the access trail reached is signed by no key of this log",
    advice: FIND_OUT,
  },
  "access-anchor-untold": {
    area: "access trail",
    meaning:
      "an anchor was sent that the access trail does not tell of: lines are gone, or it was sent past it",
    advice: FIND_OUT,
  },
  "anchor-missing-on-chain": {
    area: "contract",
    meaning:
      "an anchor that is noted here is not in the contract: a reorganisation dropped it, or it was made up",
    advice: "look at it with: pot status; then anchor again with: pot anchor",
  },
  "anchor-place-differs": {
    area: "contract",
    meaning: "an anchor is in the contract, but in another transaction or block than is noted here",
    advice: "restore anchors.jsonl from a backup; proofs made from this one name the wrong place",
  },
  "anchor-missing-here": {
    area: "contract",
    meaning: "the contract has an anchor of this log that is not noted here: proofs cannot use it",
    advice: "restore anchors.jsonl from a backup, or read it back from the chain with: pot log rebuild",
  },
  "anchor-extra-on-chain": {
    area: "contract",
    meaning: "our key anchored records that this log never had: another log uses the key, or somebody has it",
    advice: `${FIND_OUT}; one key anchors one log`,
  },
  "anchor-head-differs": {
    area: "contract",
    meaning: "the contract's own hash chain over our anchors is not the one that its events give",
    advice: "ask another endpoint with --rpc: one of the two answers was false",
  },
  "contract-differs": {
    area: "contract",
    meaning: "the code at the contract's address is not the code that was anchored in",
    advice: "check CONTRACT_ADDRESS and the endpoint; ask another one with --rpc",
  },
  "stored-missing-on-chain": {
    area: "contract",
    meaning: "a record that is noted as stored by itself is not in the contract",
    advice:
      "restore stored.jsonl from a backup, or remove it: then every record is looked up and stored again",
  },
  "stored-missing-here": {
    area: "contract",
    meaning: "the contract holds the hash of a record that is not noted here as stored",
    advice: "restore stored.jsonl from a backup, or read it back from the chain with: pot log rebuild",
  },
  "stored-extra-on-chain": {
    area: "contract",
    meaning: "our key stored a training record's hash that this log never had",
    advice: `${FIND_OUT}; one key anchors one log`,
  },
} as const satisfies Readonly<Record<string, AuditCodeText>>;

/** A kind of mismatch. Scripts may rely on the names: none is ever given another meaning. */
export type AuditCode = keyof typeof CODES;

/** What each kind of mismatch means. docs/operations.md has the same list. */
export const AUDIT_CODES: Readonly<Record<AuditCode, AuditCodeText>> = CODES;
