import { type AccessGate, createAccessGate } from "../access/access_gate.ts";
import { type AuditTrail, openAuditTrail } from "../access/audit_trail.ts";
import { type Authenticator, createAuthenticator } from "../access/authenticator.ts";
import { LOCAL_PRINCIPAL, type Principal } from "../access/principal.ts";
import { createRefusalLimit } from "../access/refusal_limit.ts";
import { openTokenStore, type TokenStore } from "../access/token_store.ts";
import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import type { NoteSigner } from "../core/note_key.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config } from "./config.ts";
import { guardPort } from "./guard_port.ts";
import { findLogKey } from "./log_key.ts";
import { TOKEN_RULES } from "./port_rules.ts";
import { systemClock } from "./system_clock.ts";

/** What to put in place of what the configuration says. */
export interface OpenAccessOptions {
  /** Tells when a token expires, and dates the trail. @default the machine's clock */
  readonly clock?: Pick<Clock, "now">;
  /** Who acts, where somebody else has found that out already. @default as the configuration says */
  readonly principal?: Principal;
}

/** Who may do what in one home folder. */
export interface Access {
  /** Of whoever runs this: `local`, or as the configured token says. Looks at the token when it is first asked. */
  readonly gate: AccessGate;
  /** The gate of somebody who was authenticated, such as by a server. */
  gateOf(principal: Principal): AccessGate;
  /** Takes tokens from others. */
  readonly authenticator: Authenticator;
  /** The tokens of the home folder; the gate is asked before one is made or ended. */
  readonly tokens: TokenStore;
  /** The audit trail of the home folder. */
  readonly trail: AuditTrail;
}

/**
 * Roles, tokens and audit trail of the configured home folder. Reads nothing yet.
 *
 * @example
 * ```ts
 * import { type Config, openAccess, openRuntime, type Principal } from "@pot/ops";
 * async function anchorAs(config: Config, principal: Principal): Promise<void> {
 *   await using runtime = await openRuntime(config, { access: openAccess(config, { principal }).gate });
 *   await runtime.recorder.anchorPending(); // a PermissionError, unless the role allows it
 * }
 * console.log(anchorAs.name);
 * ```
 */
export function openAccess(
  { home, access = { mode: "open" } }: Pick<Config, "home" | "access">,
  { clock = systemClock, principal }: OpenAccessOptions = {},
): Access {
  const limit = createRefusalLimit(clock);
  const trail = openAuditTrail(home, { files: denoFiles, clock, signer: () => signerOf(home) });
  const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const store = openTokenStore(home, { files: denoFiles, clock, randomBytes });
  const authenticator = createAuthenticator({ tokens: store, trail, clock, limit });
  const gate = (authenticate: () => Promise<Principal>) =>
    createAccessGate({ authenticate, trail, clock, limit });
  const gateOf = (somebody: Principal) => gate(() => Promise.resolve(somebody));

  async function authenticateConfigured(): Promise<Principal> {
    if (access.mode === "open") return LOCAL_PRINCIPAL;
    const { token, tokenFile } = access;
    const source = tokenFile === undefined ? "POT_TOKEN" : "POT_TOKEN_FILE";
    return await authenticator.authenticate(
      token ?? (tokenFile === undefined ? undefined : await readTokenFile(tokenFile)),
      source,
    );
  }

  const own = principal === undefined ? gate(authenticateConfigured) : gateOf(principal);
  return { gate: own, gateOf, authenticator, tokens: guardPort(store, TOKEN_RULES, own), trail };
}

async function readTokenFile(path: string): Promise<string> {
  const bytes = await denoFiles.read(path);
  if (bytes !== undefined) return new TextDecoder().decode(bytes).trim();
  throw new UsageError("Cannot read the access token as its file is not there", {
    facts: [`file: ${path}`],
    hint: "set POT_TOKEN_FILE to the file that holds the token, or give it in POT_TOKEN",
  });
}

/** The log's key signs how far the trail reaches; where there is none, or a damaged one, whoever needs it says so. */
async function signerOf(home: string): Promise<NoteSigner | undefined> {
  try {
    return await findLogKey(home);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
