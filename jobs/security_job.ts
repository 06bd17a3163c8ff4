import type { SecurityNews, SecurityState } from "../lib/access/read_security_occurrences.ts";
import { parseSecurityState } from "../lib/access/read_security_occurrences.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import type { Job } from "./job.ts";

/** What the job works with. */
export interface SecurityJobDeps {
  /** Keeps what was seen last. */
  readonly state: StateStore;
  /** Reads what is new since then. */
  readonly read: (
    before: SecurityState | undefined,
    options: { readonly signal: AbortSignal },
  ) => Promise<SecurityNews>;
}

const DOCUMENT = "security";

/**
 * Tells of unusual activity: refused permissions, failed authentications, a contract that changed, RPC calls out of pattern.
 *
 * How far it has read is kept one run late, when what it found is in others' hands: a process that dies in between tells the
 * same again, under the same ids, and loses nothing.
 */
export function securityJob({ state, read }: SecurityJobDeps): Job {
  let unsaved: { readonly state: SecurityState; readonly version: string | undefined } | undefined;
  return {
    name: "security",
    schedule: "* * * * *",
    timeoutMs: 45_000,
    async run(signal) {
      const document = await state.read(DOCUMENT, { signal });
      let version = document?.version;
      let before = document && parseSecurityState(document.bytes);
      // Another replica may have been in charge meanwhile.
      if (unsaved !== undefined && unsaved.version === version) {
        before = unsaved.state;
        version = await state.write(DOCUMENT, encode(before), { version, signal });
      }
      unsaved = undefined;
      const { occurrences, state: after } = await read(before, { signal });
      unsaved = { state: after, version };
      const count = occurrences.length;
      return { summary: count === 0 ? "nothing unusual" : `${count} unusual`, occurrences };
    },
  };
}

function encode(state: SecurityState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state));
}
