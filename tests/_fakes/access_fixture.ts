import { type AccessGate, createAccessGate } from "../../lib/access/access_gate.ts";
import { type AuditTrail, openAuditTrail } from "../../lib/access/audit_trail.ts";
import type { Principal } from "../../lib/access/principal.ts";
import { openTokenStore, type TokenStore } from "../../lib/access/token_store.ts";
import type { TrailLine } from "../../lib/access/trail_line.ts";
import { generateNoteKey, importNoteSigner } from "../../lib/core/note_key.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";

const { signerKey, verifierKey } = await generateNoteKey("pot/access");
export { verifierKey };

/** A home folder with tokens and a trail, on a clock that a test moves. */
export interface AccessFixture extends AsyncDisposable {
  readonly home: string;
  readonly clock: { now(): number; set(ms: number): void; advance(ms: number): void };
  readonly tokens: TokenStore;
  readonly trail: AuditTrail;
  /** The gate of somebody. */
  gateOf(principal: Principal): AccessGate;
  /** The trail's lines as they are now. */
  lines(): Promise<readonly TrailLine[]>;
  /** The same, short: `verb outcome subject`. */
  said(): Promise<readonly string[]>;
}

export async function createAccess(): Promise<AccessFixture> {
  const home = await Deno.makeTempDir({ prefix: "pot-access-test-" });
  let nowMs = Date.parse("2026-01-31T12:00:00.000Z");
  const clock = {
    now: () => nowMs,
    set: (ms: number) => nowMs = ms,
    advance: (ms: number) => nowMs += ms,
  };
  const signer = await importNoteSigner(signerKey);
  const trail = openAuditTrail(home, { files: denoFiles, clock, signer: () => Promise.resolve(signer) });
  const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const tokens = openTokenStore(home, { files: denoFiles, clock, randomBytes });

  async function lines(): Promise<readonly TrailLine[]> {
    try {
      const text = await Deno.readTextFile(`${home}/access.jsonl`);
      return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  return {
    home,
    clock,
    tokens,
    trail,
    gateOf: (principal) => createAccessGate({ authenticate: () => Promise.resolve(principal), trail, clock }),
    lines,
    said: async () =>
      (await lines()).map(({ verb, outcome, subject, count }) =>
        [verb, outcome, subject, ...(count === undefined ? [] : [`×${count}`])].filter((word) => word !== "")
          .join(" ")
      ),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}
