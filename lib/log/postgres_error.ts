import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { redactText } from "../core/redact.ts";
import { TlsError } from "../core/tls_error.ts";

export interface PostgresErrorContext {
  /** What was being done, as in "Cannot … as": `append`. */
  readonly doing: string;
  /** `host:port`, all that may be shown of the URL. */
  readonly server: string;
  /** Never shown. */
  readonly secrets: readonly string[];
}

/** SQLSTATEs after which nothing is known of the server but that it does not serve us now (PostgreSQL, appendix A). */
const UNREACHABLE = /^(?:08...|57P0[1-5]|57014|53300|25P03|25P04)$/;

/** SQLSTATEs that a changed setting or right mends: unknown user, wrong password, no such database, no permission. */
const REFUSED = /^(?:28...|3D000|42501)$/;

/**
 * What the PostgreSQL client threw, as an error of ours that shows no secret. What it did not throw is given back as it
 * is: an error of ours, of the signer, of the caller.
 */
export function describePostgresError(error: unknown, context: PostgresErrorContext): unknown {
  if (error instanceof PotError || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : undefined;
  const { doing, server, secrets } = context;
  // The message of a row's violation may quote the row; those never leave this file as they are.
  const facts = [
    `server: ${server}`,
    `reason: ${redactText(error.message, secrets)}`,
    ...(code === undefined ? [] : [`code: ${code}`]),
  ];
  if (error.name === "PostgresError" && code !== undefined) {
    if (UNREACHABLE.test(code)) return unreachable(doing, facts);
    if (REFUSED.test(code)) {
      return new UsageError(`Cannot ${doing} as PostgreSQL refuses us`, {
        facts,
        hint: "check user, password and database in POT_LOG_URL, and what the user may do there",
      });
    }
    return new PotError(`Cannot ${doing} as PostgreSQL reports an error`, {
      facts,
      hint: "see the server's own log; what was not acknowledged may be submitted again",
    });
  }
  if (isOfTheCertificate(error, code)) {
    return new TlsError(`Cannot ${doing} as PostgreSQL shows no certificate that is trusted`, {
      facts,
      hint: "name its authority in POT_LOG_URL: ?sslmode=verify-full&sslrootcert=<file>",
    });
  }
  return isOfTheSocket(error, code) ? unreachable(doing, facts) : error;
}

function unreachable(doing: string, facts: readonly string[]): UnreachableError {
  return new UnreachableError(`Cannot ${doing} as PostgreSQL does not answer`, {
    facts,
    hint: "check the server and POT_LOG_URL; submitting the same event again never records it twice",
  });
}

function isOfTheCertificate({ message }: Error, code = ""): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code) || /certificate/i.test(message);
}

/** Connections end with words of the client (CONNECTION_CLOSED), of Node (ECONNREFUSED) or of Deno (its error classes). */
function isOfTheSocket({ name, message }: Error, code = ""): boolean {
  return /^(?:CONNECT|E[A-Z]+$|ERR_)/.test(code) || name in Deno.errors || /socket/i.test(message);
}
