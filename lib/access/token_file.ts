import { CorruptFileError } from "../io/corrupt_file_error.ts";
import { parseRole, type Role } from "./roles.ts";

/** The format of `tokens.json`. See docs/formats.md. */
export const TOKENS_SCHEMA = "pot-tokens/1";

/** What is kept of one token. Not the token: only its hash. */
export interface TokenEntry {
  /** 8 hex characters, public. */
  readonly id: string;
  /** 1 to 64 of `A-Za-z0-9._-`; no two valid tokens have the same. */
  readonly name: string;
  /** What its holder may do. */
  readonly role: Role;
  /** SHA-256 of the whole token, 64 hex characters. */
  readonly hash: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC: from then on it is worth nothing. */
  readonly expiresAt: string;
  /** The UTC day of its last use, such as `2026-01-31`. */
  readonly lastUsedOn?: string;
  /** RFC 3339, UTC; present once it was revoked. */
  readonly revokedAt?: string;
}

/** Names that a token can have. */
export const TOKEN_NAME = /^[A-Za-z0-9._-]{1,64}$/;

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const FIELDS = ["id", "name", "role", "hash", "createdAt", "expiresAt", "lastUsedOn", "revokedAt"];

/** The file's bytes. The inverse of {@linkcode parseTokenFile}. */
export function formatTokenFile(tokens: readonly TokenEntry[]): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ schema: TOKENS_SCHEMA, tokens }, null, 2)}\n`);
}

/**
 * Reads the file. Whatever is not as it should be refuses all of it: what cannot be understood must not let anybody in.
 *
 * @throws {CorruptFileError} naming what is wrong
 */
export function parseTokenFile(bytes: Uint8Array, path: string): readonly TokenEntry[] {
  const refuse = (where: string, found: string) => new CorruptFileError({ path, where, found });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refuse("its text", "what is not JSON");
  }
  const { schema, tokens } = (value ?? {}) as { readonly schema?: unknown; readonly tokens?: unknown };
  if (schema !== TOKENS_SCHEMA || !Array.isArray(tokens)) {
    throw refuse("its schema", `another format than ${TOKENS_SCHEMA}`);
  }
  const entries = tokens.map((token, i) => {
    const entry = parseEntry(token);
    if (entry === undefined) throw refuse(`token ${i + 1}`, "fields that no token has");
    return entry;
  });
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    throw refuse("its ids", "one of them twice");
  }
  return entries;
}

function parseEntry(value: unknown): TokenEntry | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { id, name, role: roleText, hash, createdAt, expiresAt, lastUsedOn, revokedAt } = value as Readonly<
    Record<string, unknown>
  >;
  const role = parseRole(String(roleText));
  const isEntry = isText(id, /^[0-9a-f]{8}$/) && isText(name, TOKEN_NAME) && role !== undefined &&
    isText(hash, /^[0-9a-f]{64}$/) && isTime(createdAt) && isTime(expiresAt) &&
    (lastUsedOn === undefined || isText(lastUsedOn, /^\d{4}-\d{2}-\d{2}$/)) &&
    (revokedAt === undefined || isTime(revokedAt)) &&
    Object.keys(value).every((field) => FIELDS.includes(field));
  if (!isEntry) return undefined;
  return {
    id,
    name,
    role,
    hash,
    createdAt,
    expiresAt,
    ...(lastUsedOn === undefined ? {} : { lastUsedOn }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
  };
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function isTime(value: unknown): value is string {
  return isText(value, TIME) && !Number.isNaN(Date.parse(value));
}
