import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson } from "./canonical_json.ts";
import { PotError, UsageError } from "./errors.ts";
import { toHex } from "./hex.ts";
import { parseJson } from "./parse_json.ts";

/** The format of a folder's manifest: which files it held, by SHA-256. See docs/formats.md. */
export const MANIFEST_SCHEMA = "pot-manifest/1";

/** Largest manifest that is written or read: about 300 000 files. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** One line of a manifest. */
export interface ManifestFile {
  /** Relative to the folder, with `/` between its parts. */
  readonly path: string;
  /** How many bytes were hashed. */
  readonly sizeBytes: number;
  /** SHA-256, 64 lowercase hex characters. */
  readonly digest: string;
}

/**
 * The bytes of a manifest: `{"files":[{"digest","path","sizeBytes"}…],"schema":"pot-manifest/1"}`, canonical (RFC 8785), UTF-8, sorted by path
 * in the order of UTF-16 code units. Equal folders give equal bytes.
 *
 * @throws {UsageError} where it would be larger than {@linkcode MAX_MANIFEST_BYTES}
 */
export function encodeManifest(files: readonly ManifestFile[]): Uint8Array {
  const sorted = files.map(({ digest, path, sizeBytes }) => ({ digest, path, sizeBytes }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const bytes = new TextEncoder().encode(canonicalJson({ files: sorted, schema: MANIFEST_SCHEMA }));
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new UsageError("Cannot digest the folder as its manifest would be too large", {
      facts: [
        `files: ${files.length}`,
        `manifest: ${bytes.length} bytes`,
        `limit: ${MAX_MANIFEST_BYTES} bytes`,
      ],
      hint: "record the folders in it one by one",
    });
  }
  return bytes;
}

/**
 * Reads a manifest back. Only the canonical spelling is accepted, so equal manifests have equal digests.
 *
 * @throws {UsageError} on an unknown `schema` version (exit code 2)
 * @throws {PotError} on anything else that is wrong, naming it (exit code 1)
 */
export function parseManifest(bytes: Uint8Array): readonly ManifestFile[] {
  // Before the text is made of it, which takes as much memory again.
  if (bytes.length > MAX_MANIFEST_BYTES) throw refusal(`it is larger than ${MAX_MANIFEST_BYTES} bytes`);
  const text = decodeUtf8(bytes);
  const value = parseJson(text, { subject: "the manifest", maxBytes: MAX_MANIFEST_BYTES, maxDepth: 4 });
  const { schema, files } = isObject(value) ? value : {};
  if (schema !== MANIFEST_SCHEMA) {
    throw new UsageError("Cannot read the manifest as its schema is not known", {
      facts: [`schema: ${JSON.stringify(schema)?.slice(0, 80)}`, `known: ${MANIFEST_SCHEMA}`],
      hint: "a newer version of pot may know it",
    });
  }
  if (!Array.isArray(files)) throw refusal("files is not a list");
  const checked = files.map(readFile);
  for (const [i, { path }] of checked.entries()) {
    if (i > 0 && checked[i - 1]!.path >= path) throw refusal(`files[${i}] is not in order of paths`);
  }
  if (canonicalJson({ files: checked, schema }) !== text) {
    throw refusal("it is not canonical JSON (RFC 8785), or has unknown fields");
  }
  return checked;
}

/** The digest by which a manifest is known: SHA-256 of its bytes, 64 lowercase hex characters. */
export function manifestDigest(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

/** Where two manifests differ, each list in order of paths. */
export interface ManifestDifference {
  /** In both, with other bytes. */
  readonly changed: readonly string[];
  /** Only in the recorded one. */
  readonly missing: readonly string[];
  /** Only in the one at hand. */
  readonly added: readonly string[];
}

/** What happened to a folder between `recorded` and `found`. */
export function compareManifests(
  recorded: readonly ManifestFile[],
  found: readonly ManifestFile[],
): ManifestDifference {
  const digestOf = new Map(found.map(({ path, digest }) => [path, digest]));
  const known = new Set(recorded.map(({ path }) => path));
  return {
    changed: pathsOf(recorded.filter(({ path, digest }) => (digestOf.get(path) ?? digest) !== digest)),
    missing: pathsOf(recorded.filter(({ path }) => !digestOf.has(path))),
    added: pathsOf(found.filter(({ path }) => !known.has(path))),
  };
}

function pathsOf(files: readonly ManifestFile[]): readonly string[] {
  return files.map(({ path }) => path);
}

function readFile(value: unknown, i: number): ManifestFile {
  const { digest, path, sizeBytes } = isObject(value) ? value : {};
  if (typeof digest !== "string" || !/^[0-9a-f]{64}$/.test(digest)) {
    throw refusal(`files[${i}].digest is not 64 lowercase hex characters`);
  }
  if (!isRelativePath(path)) throw refusal(`files[${i}].path is not a path below the folder`);
  if (!Number.isSafeInteger(sizeBytes) || (sizeBytes as number) < 0 || Object.is(sizeBytes, -0)) {
    throw refusal(`files[${i}].sizeBytes is not a whole number from 0`);
  }
  return { digest, path, sizeBytes: sizeBytes as number };
}

/** Whoever joins it to a folder must never get out of that folder. */
function isRelativePath(path: unknown): path is string {
  return typeof path === "string" && !path.includes("\0") &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refusal("it is not UTF-8", cause);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(reason: string, cause?: unknown): PotError {
  return new PotError(`Cannot read the manifest as ${reason}`, {
    hint: "get it again from where the record was made",
    ...(cause === undefined ? {} : { cause }),
  });
}
