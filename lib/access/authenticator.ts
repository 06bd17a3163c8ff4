import type { Clock } from "../core/clock.ts";
import { AuthenticationError, type AuthenticationFailure } from "./access_errors.ts";
import type { AuditTrail } from "./audit_trail.ts";
import type { Principal } from "./principal.ts";
import { createRefusalLimit, type RefusalLimit } from "./refusal_limit.ts";
import type { Authentication, TokenStore } from "./token_store.ts";
import { authenticationSubject } from "./trail_line.ts";

/** Tells who a token stands for, and notes in the audit trail each that stands for nobody. */
export interface Authenticator {
  /**
   * `source` tells where it came from, such as `POT_TOKEN` or a client's address.
   *
   * @throws {AuthenticationError} where it stands for nobody
   */
  authenticate(token: string | undefined, source: string): Promise<Principal>;
}

export interface AuthenticatorOptions {
  readonly tokens: Pick<TokenStore, "authenticate">;
  readonly trail: AuditTrail;
  readonly clock: Pick<Clock, "now">;
  /** @default its own */
  readonly limit?: RefusalLimit;
}

/** Makes one over a home's tokens and trail. */
export function createAuthenticator(
  { tokens, trail, clock, limit = createRefusalLimit(clock) }: AuthenticatorOptions,
): Authenticator {
  async function look(token: string | undefined): Promise<Authentication> {
    return token === undefined ? { ok: false, reason: "missing" } : await tokens.authenticate(token);
  }

  async function note(reason: AuthenticationFailure, source: string, tokenId?: string): Promise<void> {
    const count = limit.count(`${source} ${reason}`);
    if (count === undefined) return;
    await trail.note({
      principal: { name: "unknown", ...(tokenId === undefined ? {} : { tokenId }) },
      verb: "authenticate",
      subject: authenticationSubject(reason, source),
      outcome: "refused",
      count,
    });
  }

  return {
    async authenticate(token, source) {
      const found = await look(token);
      if (found.ok) return found.principal;
      const { reason, tokenId } = found;
      // It is not taken, whether or not there is room to say so.
      await note(reason, source, tokenId).catch(() => {});
      throw new AuthenticationError(reason, {
        facts: [`from: ${source}`, ...(tokenId === undefined ? [] : [`token id: ${tokenId}`])],
      });
    },
  };
}
