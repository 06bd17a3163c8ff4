import { BACKUP_SCHEMA, type BackupFacts, isFacts, isSha256, readJson } from "./backup_manifest.ts";

/** Beside an archive: all that a listing needs, so that it downloads none. */
export interface BackupNote extends BackupFacts {
  /** Which format. */
  readonly schema: "pot-backup-note/1";
  /** Format of the archive. */
  readonly format: "pot-backup/1";
  /** The archive's object. */
  readonly name: string;
  /** Of the archive as it is stored. */
  readonly sizeBytes: number;
  /** Of the same bytes. */
  readonly sha256: string;
  /** By age. */
  readonly isEncrypted: boolean;
  /** Of manifest.json in it. */
  readonly manifestSha256: string;
  /** Files in it, the manifest aside. */
  readonly fileCount: number;
  /** All files together. */
  readonly contentBytes: number;
}

/** Beside an archive that was read back and found to be what was written. */
export interface VerifiedMark {
  /** Which format. */
  readonly schema: "pot-backup-verified/1";
  /** Of the archive it was given for. */
  readonly sha256: string;
  /** RFC 3339. */
  readonly verifiedAt: string;
  /** What was looked at. */
  readonly depth: VerifiedDepth;
}

/**
 * `content`: every byte was read back, decrypted and unpacked, and each file's digest is the manifest's. `ciphertext`: every byte was
 * read back and the archive's digest is the one of what was written; its age header and length are in order; what is inside nobody
 * here can see.
 */
export type VerifiedDepth = "content" | "ciphertext";

const NOTE_SCHEMA = "pot-backup-note/1";
const MARK_SCHEMA = "pot-backup-verified/1";

/** Behind an archive's name. */
export const NOTE_SUFFIX = ".json";
/** Behind an archive's name. */
export const MARK_SUFFIX = ".verified";

const NAME = /^pot-[A-Za-z0-9._-]{1,80}-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.tar\.gz(?:\.age)?$/;

/** Whether an object of a target is an archive of ours, by its name. */
export function isBackupName(name: string): boolean {
  return NAME.test(name);
}

export interface BackupNameOptions {
  readonly origin: string;
  readonly createdAt: string;
  readonly isEncrypted: boolean;
  /** 4 random bytes, so that no two are called alike. */
  readonly nonce: Uint8Array;
}

/** Such as `pot-pot-6f1c2d9a-20260131T120000Z-0a1b2c3d.tar.gz.age`. */
export function backupName({ origin, createdAt, isEncrypted, nonce }: BackupNameOptions): string {
  const log = nameOfLog(origin);
  const time = createdAt.replace(/\.[0-9]+Z$/, "Z").replace(/[-:]/g, "");
  return `pot-${log}-${time}-${nonce.toHex()}.tar.gz${isEncrypted ? ".age" : ""}`;
}

/** A log as the names of its archives have it; other logs may be called alike there. */
export function nameOfLog(origin: string): string {
  return origin.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 80);
}

/** When an archive was made, by its name: milliseconds since the Unix epoch. */
export function timeOfName(name: string): number {
  const [, y, mo, d, h, mi, s] = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}\.tar/.exec(name) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}

/** A note as the bytes of its object. */
export function encodeNote(note: Omit<BackupNote, "schema" | "format">): Uint8Array {
  return encode({ schema: NOTE_SCHEMA, format: BACKUP_SCHEMA, ...note });
}

/** @throws {PotError} when it is none */
export function decodeNote(bytes: Uint8Array): BackupNote {
  const value = readJson(bytes, "note", NOTE_SCHEMA);
  const { name, sizeBytes, sha256, isEncrypted, manifestSha256, fileCount, contentBytes, format } = value;
  const isSound = isFacts(value) && typeof name === "string" && isBackupName(name) && isSha256(sha256) &&
    isSha256(manifestSha256) && typeof isEncrypted === "boolean" && format === BACKUP_SCHEMA &&
    [sizeBytes, fileCount, contentBytes].every(Number.isSafeInteger);
  if (isSound) return value as unknown as BackupNote;
  return readJson(new Uint8Array(), "note", NOTE_SCHEMA) as never;
}

/** A mark as the bytes of its object. */
export function encodeMark(mark: Omit<VerifiedMark, "schema">): Uint8Array {
  return encode({ schema: MARK_SCHEMA, ...mark });
}

/** `undefined` for what is none: then the backup counts as unverified. */
export function decodeMark(bytes: Uint8Array): VerifiedMark | undefined {
  try {
    const value = readJson(bytes, "mark", MARK_SCHEMA);
    const { sha256, verifiedAt, depth } = value;
    const isSound = isSha256(sha256) && typeof verifiedAt === "string" &&
      Number.isFinite(Date.parse(verifiedAt)) && (depth === "content" || depth === "ciphertext");
    return isSound ? value as unknown as VerifiedMark : undefined;
  } catch {
    return undefined;
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
}
