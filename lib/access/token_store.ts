import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { AuthenticationFailure } from "./access_errors.ts";
import type { Principal } from "./principal.ts";
import { LOCAL_PRINCIPAL } from "./principal.ts";
import type { Role } from "./roles.ts";
import { formatTokenFile, parseTokenFile, TOKEN_NAME, type TokenEntry } from "./token_file.ts";
import { hashToken, hideTokens, makeToken, parseToken } from "./token_text.ts";

/** The tokens of a home folder, in its file `tokens.json`. Kept are hashes, never tokens. */
export interface TokenStore {
  /**
   * Makes a token; `token` is the only time that it is seen.
   *
   * @throws {UsageError} for a name that cannot be one, or that a valid token has
   */
  create(token: NewToken): Promise<CreatedToken>;
  /** All of them, oldest first, the expired and revoked ones too. */
  list(): Promise<readonly TokenEntry[]>;
  /**
   * Ends a token, by id or by the name of a valid one; one that is revoked already stays as it is.
   *
   * @throws {UsageError} when there is none
   */
  revoke(idOrName: string): Promise<TokenEntry>;
  /** Who a token says is acting, or why it says nothing. Notes the day of its use. */
  authenticate(text: string): Promise<Authentication>;
}

/** What a new token is to be. */
export interface NewToken {
  /** 1 to 64 of `A-Za-z0-9._-`. */
  readonly name: string;
  /** What its holder may do. */
  readonly role: Role;
  /** How long it is good for; 1 minute to 366 days. */
  readonly lifetimeMs: number;
}

/** A token, once. */
export interface CreatedToken {
  /** Secret. */
  readonly token: string;
  /** What is kept of it. */
  readonly entry: TokenEntry;
}

/** What a token came to. */
export type Authentication =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly reason: AuthenticationFailure; readonly tokenId?: string };

export interface TokenStoreOptions {
  readonly files: FileLayer;
  readonly clock: Pick<Clock, "now">;
  /** Cryptographically random bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The tokens' file in the home folder. */
export const TOKENS_FILE = "tokens.json";

const MINUTE_MS = 60_000;
/** A token that outlives this is one that nobody looks after. */
const LONGEST_LIFE_MS = 366 * 86_400_000;
/** What the audit trail calls those without a token. */
const TAKEN_NAMES: readonly string[] = [LOCAL_PRINCIPAL.name, "unknown"];
/** Of a token that no file has: as long as a real one, so that looking for it takes as long. */
const NO_HASH = "0".repeat(64);

/** Opens the tokens of a home folder; the file is made by the first token, readable for its owner only. */
export function openTokenStore(
  home: string,
  { files, clock, randomBytes }: TokenStoreOptions,
): TokenStore {
  const path = join(home, TOKENS_FILE);

  async function read(): Promise<readonly TokenEntry[]> {
    const bytes = await files.read(path);
    return bytes === undefined ? [] : parseTokenFile(bytes, path);
  }

  /** Changes the tokens under their lock; what `change` leaves as they are is not written. */
  async function update(change: (tokens: readonly TokenEntry[]) => readonly TokenEntry[]): Promise<void> {
    using _lock = await files.lock(`${path}.lock`);
    const before = await read();
    const after = change(before);
    if (after !== before) await writeFileAtomically(files, path, formatTokenFile(after), { mode: 0o600 });
  }

  const isValid = ({ revokedAt, expiresAt }: TokenEntry) =>
    revokedAt === undefined && Date.parse(expiresAt) > clock.now();

  /** Once a day and token, so that a busy one neither writes nor waits for the lock at every use. */
  async function noteUse({ id, lastUsedOn: notedOn }: TokenEntry): Promise<void> {
    const lastUsedOn = new Date(clock.now()).toISOString().slice(0, 10);
    if (notedOn === lastUsedOn) return;
    await update((tokens) => {
      const used = tokens.find((token) => token.id === id);
      if (used === undefined || used.lastUsedOn === lastUsedOn) return tokens;
      return tokens.map((token) => token === used ? { ...used, lastUsedOn } : token);
    });
  }

  return {
    list: read,
    async create({ name, role, lifetimeMs }) {
      checkName(name);
      if (!(lifetimeMs >= MINUTE_MS && lifetimeMs <= LONGEST_LIFE_MS)) {
        throw new UsageError("Cannot make the token as it must expire within 1 minute to 366 days", {
          hint: "give --expires 90d, and make the next one before that",
        });
      }
      const { id, token } = makeToken(randomBytes);
      const nowMs = clock.now();
      const entry: TokenEntry = {
        id,
        name,
        role,
        hash: hashToken(token),
        createdAt: new Date(nowMs).toISOString(),
        expiresAt: new Date(nowMs + lifetimeMs).toISOString(),
      };
      await files.makeFolder(home);
      await update((tokens) => {
        if (tokens.some((other) => other.name === name && isValid(other))) throw nameTaken(name);
        if (tokens.some((other) => other.id === id)) throw new UsageError(TWICE, { hint: "try again" });
        return [...tokens, entry];
      });
      return { token, entry };
    },
    async revoke(given) {
      // Whoever gives the whole token means it, and must not find it in an error.
      const idOrName = parseToken(given)?.id ?? hideTokens(given);
      let revoked: TokenEntry | undefined;
      // No folder and no lock for a home that has none, or is another one than was meant.
      if ((await read()).length === 0) throw noToken(idOrName);
      await update((tokens) => {
        const found = tokens.find(({ id }) => id === idOrName) ??
          tokens.find((token) => token.name === idOrName && isValid(token)) ??
          tokens.findLast(({ name }) => name === idOrName);
        if (found === undefined) throw noToken(idOrName);
        revoked = found;
        if (found.revokedAt !== undefined) return tokens;
        revoked = { ...found, revokedAt: new Date(clock.now()).toISOString() };
        return tokens.map((token) => token === found ? revoked! : token);
      });
      return revoked!;
    },
    async authenticate(text) {
      const parts = parseToken(text);
      if (parts === undefined) return { ok: false, reason: "malformed" };
      const { id: tokenId } = parts;
      const entry = (await read()).find(({ id }) => id === tokenId);
      const isSame = equalInConstantTime(hashToken(text), entry?.hash ?? NO_HASH);
      if (entry === undefined || !isSame) return { ok: false, reason: "unknown", tokenId };
      if (entry.revokedAt !== undefined) return { ok: false, reason: "revoked", tokenId };
      if (!isValid(entry)) return { ok: false, reason: "expired", tokenId };
      // It is good, whether or not there is room to say that it was used.
      await noteUse(entry).catch(() => {});
      const { name, role } = entry;
      return { ok: true, principal: { name, role, tokenId } };
    },
  };
}

const TWICE = "Cannot make the token as its random id is another one's";

/** Takes as long wherever the first difference is, so that answers do not tell how much of a hash was right. */
function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0;
}

function checkName(name: string): void {
  if (TOKEN_NAME.test(name) && !TAKEN_NAMES.includes(name)) return;
  throw new UsageError(
    "Cannot make the token as its name must be 1 to 64 of A-Z a-z 0-9 . _ -, and not local or unknown",
    {
      facts: [`name: ${JSON.stringify(name.slice(0, 80))}`],
    },
  );
}

function nameTaken(name: string): UsageError {
  return new UsageError("Cannot make the token as a valid one has this name", {
    facts: [`name: ${name}`],
    hint: `take another name, or end that one: pot tokens revoke ${name}`,
  });
}

function noToken(idOrName: string): UsageError {
  return new UsageError("Cannot revoke the token as there is none of that id or name", {
    facts: [`token: ${JSON.stringify(idOrName.slice(0, 80))}`],
    hint: "list them with: pot tokens list",
  });
}
