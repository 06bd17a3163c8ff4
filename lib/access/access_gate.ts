import type { Clock } from "../core/clock.ts";
import { AuthenticationError, PermissionError } from "./access_errors.ts";
import type { AuditTrail } from "./audit_trail.ts";
import { authorize } from "./authorize.ts";
import { permissionOf, type Verb } from "./permissions.ts";
import type { Principal } from "./principal.ts";
import { createRefusalLimit, type RefusalLimit } from "./refusal_limit.ts";

/**
 * What stands between somebody and everything that changes anything: it asks `authorize`, and notes in the audit trail what was
 * allowed, refused and failed.
 */
export interface AccessGate {
  /**
   * Who acts.
   *
   * @throws {AuthenticationError} where no valid token says so
   */
  principal(): Promise<Principal>;
  /**
   * Only asks; a refusal is noted.
   *
   * @throws {AuthenticationError} where no valid token says who acts
   * @throws {PermissionError} where the principal may not
   */
  check(verb: Verb, subject?: string): Promise<void>;
  /**
   * Notes that it is allowed, does it, and notes where it failed. `work` is handed a gate that does not note the same verb again,
   * for what is part of it. Throws as `check` does, before anything is done, and what `work` throws.
   */
  perform<T>(verb: Verb, subject: string, work: (inner: AccessGate) => Promise<T>): Promise<T>;
}

export interface AccessGateOptions {
  /**
   * Tells who acts, by a token; throws an `AuthenticationError`, which is its business to note. Asked again at most every ten seconds:
   * so long a revoked token goes on working in a process that runs.
   */
  readonly authenticate: () => Promise<Principal>;
  readonly trail: AuditTrail;
  readonly clock: Pick<Clock, "now">;
  /** Shared by the gates of one server. @default its own */
  readonly limit?: RefusalLimit;
}

const ASK_AGAIN_MS = 10_000;
const HOUR_MS = 3_600_000;

/** Makes the gate of one principal. */
export function createAccessGate(options: AccessGateOptions): AccessGate {
  const { authenticate, trail, clock, limit = createRefusalLimit(clock) } = options;
  let known: { readonly principal: Principal; readonly untilMs: number } | undefined;
  /** The hour in which a frequent verb was noted last. */
  const notedIn = new Map<Verb, number>();

  async function principal(): Promise<Principal> {
    if (known !== undefined && clock.now() < known.untilMs) return known.principal;
    known = undefined;
    // The token may say something else by now, so that nothing is settled any more.
    notedIn.clear();
    const found = await authenticate();
    known = { principal: found, untilMs: clock.now() + ASK_AGAIN_MS };
    return found;
  }

  async function check(verb: Verb, subject = ""): Promise<void> {
    const who = await principal();
    try {
      authorize(who, verb);
    } catch (error) {
      const count = limit.count(`${who.tokenId ?? who.name} ${verb}`);
      const refused = { principal: who, verb, subject, outcome: "refused", count: count ?? 1 } as const;
      // It is refused whether or not there is room to say so.
      if (count !== undefined) await trail.note(refused).catch(() => {});
      throw error;
    }
  }

  /** What needs neither a look at the token nor a line now: appending asks ten thousand times a second. */
  function isSettled(verb: Verb): boolean {
    const nowMs = clock.now();
    return known !== undefined && nowMs < known.untilMs &&
      notedIn.get(verb) === Math.floor(nowMs / HOUR_MS);
  }

  async function performNoted<T>(
    verb: Verb,
    subject: string,
    work: (inner: AccessGate) => Promise<T>,
  ): Promise<T> {
    await check(verb, subject);
    const who = await principal();
    const isFrequent = permissionOf(verb).isFrequent === true;
    const entry = { principal: who, verb, outcome: "allowed", subject: isFrequent ? "" : subject } as const;
    const attempt = await trail.note(entry, { unlessRecent: isFrequent });
    if (isFrequent) notedIn.set(verb, Math.floor(clock.now() / HOUR_MS));
    let result: T;
    try {
      result = await work(within(verb));
    } catch (error) {
      // A frequent one has no line of its own that could be said to have failed.
      const isOwn = !isFrequent && !(error instanceof PermissionError) &&
        !(error instanceof AuthenticationError);
      const failed = { ...entry, outcome: "failed", ...(attempt === undefined ? {} : { attempt }) } as const;
      // What went wrong first is what has to be told.
      if (isOwn) await trail.note(failed).catch(() => {});
      throw error;
    }
    // There was no home folder to keep it in; what was done has made one.
    if (attempt === undefined) await trail.note(entry, { unlessRecent: isFrequent });
    return result;
  }

  /** The same gate for what is part of `verb`; a frequent one is noted when its hour comes. */
  function within(verb: Verb): AccessGate {
    if (permissionOf(verb).isFrequent === true) return gate;
    const inner: AccessGate = {
      principal,
      check,
      async perform(wanted, subject, work) {
        if (wanted !== verb) return await gate.perform(wanted, subject, work);
        await check(wanted, subject);
        return await work(inner);
      },
    };
    return inner;
  }

  const gate: AccessGate = {
    principal,
    check,
    perform(verb, subject, work) {
      // What was allowed is, as long as nobody looks at the token again.
      return isSettled(verb) ? work(gate) : performNoted(verb, subject, work);
    },
  };
  return gate;
}
