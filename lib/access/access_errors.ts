import { PotError, type PotErrorOptions } from "../core/errors.ts";
import { PERMISSIONS, type Verb } from "./permissions.ts";
import { describePrincipal, type Principal } from "./principal.ts";

/**
 * Thrown instead of doing what a role does not allow. Exit code 2, as for every wrong setting: 1 is the answer "no" of a
 * command that looked, and nothing was looked at here.
 */
export class PermissionError extends PotError {
  /** Tells it from other errors. */
  override readonly name: string = "PermissionError";
  /** Who was refused. */
  readonly principal: Principal;
  /** What was refused. */
  readonly verb: Verb;

  /** Of a principal whose role does not allow the verb. */
  constructor(principal: Principal, verb: Verb) {
    const { role, does } = PERMISSIONS[verb];
    const who = describePrincipal(principal);
    super(`Cannot ${asAction(does)} as ${who} has the role ${principal.role} and ${verb} needs ${role}`, {
      facts: [`principal: ${who}`, `role: ${principal.role}`, `verb: ${verb}`, `needs: ${role}`],
      hint: `use a token with the role ${role}: an admin makes one with pot tokens new`,
      exitCode: 2,
    });
    this.principal = principal;
    this.verb = verb;
  }
}

/** Why a token was not taken: `missing` none was given · `malformed` no token, or a slip · `unknown` · `expired` · `revoked`. */
export type AuthenticationFailure = "missing" | "malformed" | "unknown" | "expired" | "revoked";

const REASONS: Readonly<Record<AuthenticationFailure, string>> = {
  missing: "an access token is asked for and none was given",
  malformed: "it is no token, or a character was lost",
  unknown: "there is no such token here",
  expired: "it has expired",
  revoked: "it was revoked",
};

/** Thrown where a token does not tell who acts. Exit code 2. Never holds any of the token but its public id. */
export class AuthenticationError extends PotError {
  /** Tells it from other errors. */
  override readonly name: string = "AuthenticationError";
  /** Why. */
  readonly reason: AuthenticationFailure;

  /** Of a token that was not taken. */
  constructor(
    reason: AuthenticationFailure,
    { facts = [], hint }: Pick<PotErrorOptions, "facts" | "hint"> = {},
  ) {
    const what = reason === "missing" ? "tell who acts" : "accept the access token";
    super(`Cannot ${what} as ${REASONS[reason]}`, {
      facts,
      hint: hint ?? "set POT_TOKEN (or POT_TOKEN_FILE); an admin makes tokens with pot tokens new",
      exitCode: 2,
    });
    this.reason = reason;
  }
}

/** "Stop all writes." as what cannot be done. */
function asAction(does: string): string {
  return `${does.charAt(0).toLowerCase()}${does.slice(1).replace(/\.$/, "")}`;
}
