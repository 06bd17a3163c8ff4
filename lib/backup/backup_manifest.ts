import { PotError } from "../core/errors.ts";
import { isArchivePath } from "./archive_file.ts";

/** The format of an archive and of its manifest. See docs/formats.md. */
export const BACKUP_SCHEMA = "pot-backup/1";

/** In the archive, as its last file. */
export const MANIFEST_FILE = "manifest.json";

/** One file of the archive. */
export interface ArchivedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** 64 lowercase hex characters. */
  readonly sha256: string;
}

/** Where a chain stood. */
export interface ChainPosition {
  /** CAIP-2, or `local:<origin>`. */
  readonly chainId: string;
  /** Of the newest anchor there: decimal. */
  readonly size: string;
  /** 64 hex. */
  readonly root: string;
  /** As the anchor store has it. */
  readonly state: string;
  /** EIP-55. */
  readonly contract?: string;
  /** `0x` and 64 hex. */
  readonly transactionHash?: string;
  /** Decimal. */
  readonly blockNumber?: string;
}

/** What is known of a backup without its files. */
export interface BackupFacts {
  /** The log's name. */
  readonly origin: string;
  /** When the sizes were fixed: RFC 3339. */
  readonly createdAt: string;
  /** Of the program that wrote it. */
  readonly version: string;
  /** Where the log was kept. */
  readonly store: "files" | "postgresql";
  /** The log as it was. */
  readonly log: {
    /** Records in it, those behind the checkpoint included. */
    readonly recordCount: number;
    /** Of the published checkpoint: decimal; "0" where there is none. */
    readonly size: string;
    /** 64 hex; absent where there is no checkpoint. */
    readonly root?: string;
    /** The note. */
    readonly checkpoint?: string;
  };
  /** One for each chain. */
  readonly chain: readonly ChainPosition[];
  /** Anchors that are noted. */
  readonly anchorCount: number;
}

/** What `manifest.json` holds. */
export interface BackupManifest extends BackupFacts {
  /** Which format. */
  readonly schema: "pot-backup/1";
  /** Public keys of the log, oldest first, as a line of log-keys.jsonl has them. */
  readonly logKeys: readonly {
    readonly verifierKey: string;
    readonly from: string;
    readonly handOver?: string;
  }[];
  /** What stood in the home folder and is in no backup: names, never contents. */
  readonly leftOut: readonly string[];
  /** Every file but this one, in the archive's order. */
  readonly files: readonly ArchivedFile[];
}

/** A manifest as the bytes of its file. */
export function encodeManifest(manifest: BackupManifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
}

/**
 * Reads a manifest back; fields that it does not know are kept out of the way.
 *
 * @throws {PotError} when it is none, or of a newer format
 */
export function decodeManifest(bytes: Uint8Array): BackupManifest {
  const value = readJson(bytes, "manifest");
  const files: unknown = value["files"];
  const isSound = isFacts(value) && Array.isArray(files) && files.every(isFile) &&
    Array.isArray(value["logKeys"]) && Array.isArray(value["leftOut"]);
  if (!isSound) throw refusal("manifest", "a field is missing, or is none");
  return value as unknown as BackupManifest;
}

/** A JSON object of that schema. */
export function readJson(
  bytes: Uint8Array,
  what: string,
  schema: string = BACKUP_SCHEMA,
): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refusal(what, "it is no JSON");
  }
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (fields["schema"] === schema) return fields;
  throw refusal(what, `its schema is not ${schema}`);
}

/** Whether the fields that list and restore go by are there, each as it must be. */
export function isFacts(value: Readonly<Record<string, unknown>>): boolean {
  const { origin, createdAt, version, store, log, chain, anchorCount } = value;
  const { recordCount, size, root } = (log ?? {}) as Readonly<Record<string, unknown>>;
  return typeof origin === "string" && typeof createdAt === "string" &&
    Number.isFinite(Date.parse(createdAt)) && typeof version === "string" &&
    (store === "files" || store === "postgresql") && Number.isSafeInteger(recordCount) &&
    typeof size === "string" && /^(?:0|[1-9][0-9]{0,15})$/.test(size) &&
    (root === undefined || isSha256(root)) && Array.isArray(chain) && Number.isSafeInteger(anchorCount);
}

/** 64 lowercase hex characters. */
export function isSha256(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function isFile(value: unknown): value is ArchivedFile {
  const { path, sizeBytes, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof path === "string" && isArchivePath(path) && Number.isSafeInteger(sizeBytes) &&
    isSha256(sha256);
}

function refusal(what: string, found: string): PotError {
  return new PotError(`Cannot read the ${what} of a backup`, {
    facts: [`found: ${found}`],
    hint: "use another backup, or a newer version of pot where a newer one wrote this",
  });
}
