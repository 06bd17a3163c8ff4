import type { Context, MiddlewareHandler } from "hono";
import { AuthenticationError, PermissionError } from "../access/access_errors.ts";
import type { AccessGate } from "../access/access_gate.ts";
import type { Verb } from "../access/permissions.ts";
import type { Principal } from "../access/principal.ts";

/** Who may do what, for a server: each request says who acts by a token. */
export interface ServerAccess {
  /**
   * Who a token stands for; `source` is where the request came from.
   *
   * @throws {AuthenticationError} where it stands for nobody
   */
  readonly authenticator: { authenticate(token: string | undefined, source: string): Promise<Principal> };
  /** What stands between that principal and whatever changes anything. */
  gateOf(principal: Principal): AccessGate;
}

/** Which verb a route asks for, by method and path as Hono writes them: `POST /v1/records/:id`. */
export type RouteVerbs = Readonly<Record<string, Verb>>;

export interface GuardMutationsOptions {
  /** @default nobody may change anything */
  readonly access?: ServerAccess | undefined;
  /** Every route that changes anything. */
  readonly verbs: RouteVerbs;
  /** Where a request came from, for the audit trail: an address, never a header that anybody can set. @default `request` */
  readonly sourceOf?: (context: Context) => string;
}

/** The header that tells a client how to say who it is (RFC 6750 §3). */
const CHALLENGE = 'Bearer realm="pot"';

/** What only reads (RFC 9110 §9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Lets no request change anything unless its route is in the table and its token's role allows the verb: 404 for a route that
 * has no row, 401 without a valid token (`Authorization: Bearer`), 403 with too small a role. So a route that was forgotten in the
 * table is closed, not open; below a prefix, in an app that is mounted there. Handlers find the principal's gate by {@linkcode gateOfRequest} and do their work through it.
 */
export function guardMutations(
  { access, verbs, sourceOf = () => "request" }: GuardMutationsOptions,
): MiddlewareHandler {
  const routes = Object.entries(verbs).map(([route, verb]) => ({ ...parseRoute(route), verb }));
  return async (context, next) => {
    const { method, path } = context.req;
    if (SAFE_METHODS.has(method)) return await next();
    // Where several rows fit, as `/:id` and `/purge`, whichever handler is meant, its verb is among them.
    const fitting = routes.filter((route) => route.method === method && route.pattern.test(path));
    if (fitting.length === 0 || access === undefined) {
      return context.notFound();
    }
    try {
      const token = tokenOf(context.req.header("authorization"));
      const gate = access.gateOf(await access.authenticator.authenticate(token, sourceOf(context)));
      for (const { verb } of fitting) await gate.check(verb);
      context.set(GATE, gate);
    } catch (error) {
      if (error instanceof AuthenticationError) {
        return context.json(errorJson(error.message), 401, { "www-authenticate": CHALLENGE });
      }
      if (error instanceof PermissionError) return context.json(errorJson(error.message), 403);
      throw error;
    }
    await next();
  };
}

const GATE = "pot-access-gate";

/** The gate of whoever sent a request that {@linkcode guardMutations} let through. */
export function gateOfRequest(context: Context): AccessGate {
  const gate: AccessGate | undefined = context.get(GATE);
  if (gate === undefined) throw new Error("this request was not asked who sent it");
  return gate;
}

function errorJson(message: string) {
  return { error: { message, facts: [] } };
}

/** The token of an `Authorization` header; another scheme is no token. */
function tokenOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

function parseRoute(route: string): { readonly method: string; readonly pattern: RegExp } {
  const [method = "", path = ""] = route.split(" ");
  const parts = path.split("/").map((part) => part.startsWith(":") ? "[^/]+" : RegExp.escape(part));
  return { method, pattern: new RegExp(`^${parts.join("/")}$`) };
}
