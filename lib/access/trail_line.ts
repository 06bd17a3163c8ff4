import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson } from "../core/canonical_json.ts";
import { toHex } from "../core/hex.ts";
import type { AuthenticationFailure } from "./access_errors.ts";
import type { Verb } from "./permissions.ts";
import { parseRole, type Role } from "./roles.ts";
import { hideTokens } from "./token_text.ts";

/** The format of a line of `access.jsonl`. See docs/formats.md. */
export const TRAIL_SCHEMA = "pot-access/1";

/** What stands before the first line. */
export const NO_PREVIOUS = "0".repeat(64);

/** Whoever a line is about, as far as that is known: of a token that was not taken, only its public id. */
export interface TrailPrincipal {
  /** `local`, a token's name, or `unknown`. */
  readonly name: string;
  /** As it was then. */
  readonly role?: Role;
  /** Public: 8 hex characters. */
  readonly tokenId?: string;
}

/**
 * What became of it. `allowed` is written before it is done, `failed` after it did not succeed: what is allowed and has no
 * `failed` line was done, or was cut off.
 */
export type TrailOutcome = "allowed" | "refused" | "failed";

/** What is to be noted. No secrets. */
export interface TrailEntry {
  /** Who wanted it. */
  readonly principal: TrailPrincipal;
  /** What was wanted; `authenticate` only where that failed. */
  readonly verb: Verb | "authenticate";
  /** What it was done to, such as `size 42` or a token's name; why an authentication failed. At most 200 characters. */
  readonly subject: string;
  /** What became of it. */
  readonly outcome: TrailOutcome;
  /** Of a failure: the sequence of the line that allowed it. */
  readonly attempt?: number;
  /** Of a refusal that stands for several since the last line like it: how many. @default 1 */
  readonly count?: number;
}

/** One line of the trail. */
export interface TrailLine extends TrailEntry {
  readonly schema: typeof TRAIL_SCHEMA;
  /** The line's number, from 1. */
  readonly sequence: number;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Hash of the line before it; 64 zeros for the first. */
  readonly previous: string;
}

const MAX_SUBJECT = 200;
const MAX_NAME = 80;
/** Of any version: a trail outlives the verbs that its lines name. */
const VERB = /^(?:authenticate|[a-z]+\.[a-z]+(?:-[a-z]+)*)$/;
const TOKEN_ID = /^[0-9a-f]{8}$/;
const FIELDS = [
  ...["schema", "sequence", "at", "principal", "verb", "subject", "outcome", "attempt", "count", "previous"],
];
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** SHA-256 of a line's canonical JSON, hex. */
export function hashTrailLine(line: unknown): string {
  return hashTrailText(canonicalJson(line));
}

/** The same of a line's text as it stands in the file: equal, as lines are written in canonical JSON. */
export function hashTrailText(text: string | Uint8Array): string {
  return toHex(sha256(typeof text === "string" ? new TextEncoder().encode(text) : text));
}

/** The line as it is written: its fields in the order of canonical JSON, what is too long for a line cut. */
export function formatTrailLine(
  { principal, verb, subject, outcome, attempt, count }: TrailEntry,
  { sequence, at, previous }: Pick<TrailLine, "sequence" | "at" | "previous">,
): TrailLine {
  const line: TrailLine = {
    schema: TRAIL_SCHEMA,
    sequence,
    at,
    principal: fitPrincipal(principal),
    verb,
    subject: cutText(subject, MAX_SUBJECT),
    outcome,
    ...(attempt === undefined ? {} : { attempt }),
    ...(count === undefined || count === 1 ? {} : { count }),
    previous,
  };
  return JSON.parse(canonicalJson(line));
}

/** The line, or `undefined` for what none of this version wrote. */
export function parseTrailLine(value: unknown): TrailLine | undefined {
  if (!isObject(value) || Object.keys(value).some((field) => !FIELDS.includes(field))) return undefined;
  const { schema, sequence, at, principal, verb, subject, outcome, attempt, count, previous } = value;
  const isLine = schema === TRAIL_SCHEMA && isWhole(sequence) && isText(at, TIME) && isPrincipal(principal) &&
    isText(verb, VERB) &&
    typeof subject === "string" && subject.length <= MAX_SUBJECT &&
    (outcome === "allowed" || outcome === "refused" || outcome === "failed") &&
    (attempt === undefined || isWhole(attempt)) && (count === undefined || isWhole(count)) &&
    isText(previous, /^[0-9a-f]{64}$/);
  return isLine ? value as unknown as TrailLine : undefined;
}

/** Why a token was not taken, as a line's subject. */
export function authenticationSubject(reason: AuthenticationFailure, source: string): string {
  return source === "" ? reason : `${reason} from ${source}`;
}

/** The principal as a line has it: libraries name theirs as they like. */
export function fitPrincipal({ name, role, tokenId }: TrailPrincipal): TrailPrincipal {
  return {
    name: cutText(name, MAX_NAME),
    ...(role === undefined ? {} : { role }),
    ...(isText(tokenId, TOKEN_ID) ? { tokenId } : {}),
  };
}

function cutText(given: string, length: number): string {
  const text = hideTokens(given.toWellFormed().replace(/\p{Cc}+/gu, " "));
  return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}

function isPrincipal(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, role, tokenId, ...rest } = value;
  return typeof name === "string" && name.length <= MAX_NAME && Object.keys(rest).length === 0 &&
    (role === undefined || parseRole(String(role)) !== undefined) &&
    (tokenId === undefined || isText(tokenId, TOKEN_ID));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
