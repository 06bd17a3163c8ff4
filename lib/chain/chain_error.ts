import { PotError, UnreachableError } from "../core/errors.ts";
import { redactText } from "../core/redact.ts";
import { TLS_HINT } from "../core/tls_error.ts";
import { tlsFailure } from "../core/tls_failure.ts";
import { CODES, WORDINGS } from "./failure_wordings.ts";

/** Failures that say nothing about the request: another endpoint, or a later try, may do. */
export type RetryableKind =
  | "unreachable"
  /** It could not show who it is (TLS): another endpoint may do, to ask this one again is no use. */
  | "untrusted"
  | "timeout"
  | "rate-limited"
  | "server-error"
  | "bad-answer"
  | "access-denied"
  | "behind";

/** Failures that the same request will meet again. */
export type DefiniteKind =
  | "reverted"
  | "insufficient-funds"
  | "nonce-too-low"
  | "already-known"
  | "underpriced"
  | "fee-too-low"
  | "unsupported"
  | "too-much"
  | "rejected";

/** Why one endpoint did not do what it was asked. */
export type ChainFailure =
  | {
    readonly kind: RetryableKind;
    readonly isRetryable: true;
    readonly detail: string;
    readonly retryAfterMs?: number;
  }
  | {
    readonly kind: DefiniteKind;
    readonly isRetryable: false;
    readonly detail: string;
    /** What the contract reverted with, where the endpoint says. */
    readonly revertData?: `0x${string}`;
  };

/** A failure that the same request will meet again. */
export type DefiniteFailure = Extract<
  ChainFailure,
  { readonly isRetryable: false }
>;

/** What came back from an endpoint, or what was caught while asking. */
export type FailureEvidence =
  | {
    readonly from: "http";
    readonly status: number;
    readonly retryAfter?: string | null;
  }
  | {
    readonly from: "body";
    readonly contentType: string | null;
    readonly text: string;
  }
  | { readonly from: "rpc"; readonly error: unknown }
  | { readonly from: "timeout"; readonly timeoutMs: number }
  | { readonly from: "thrown"; readonly error: unknown };

/** The chain or its contract answered, and the answer is no; asking again will not help. */
export class ChainError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "ChainError";
  /** Why, for programs. */
  readonly kind: DefiniteKind;
  /** What the contract reverted with, where an endpoint says. */
  readonly revertData: `0x${string}` | undefined;

  /** `summary` is one sentence, "Cannot X as Y". */
  constructor(
    summary: string,
    { kind, revertData, ...rest }: {
      readonly kind: DefiniteKind;
      readonly revertData?: `0x${string}` | undefined;
      readonly facts?: readonly string[];
      readonly hint?: string;
    },
  ) {
    super(summary, rest);
    this.kind = kind;
    this.revertData = revertData;
  }
}

const RETRYABLE: ReadonlySet<string> = new Set<RetryableKind>([
  "unreachable",
  "untrusted",
  "timeout",
  "rate-limited",
  "server-error",
  "bad-answer",
  "access-denied",
  "behind",
]);

const LONGEST_MESSAGE = 4_000;
const LONGEST_DETAIL = 300;

/**
 * Puts a failure into one of the kinds, with a detail that is safe to show: URLs and `secrets` in it are redacted.
 * What is unknown counts as "rejected" when an endpoint said so in JSON-RPC, and as "unreachable" otherwise.
 */
export function classifyFailure(
  evidence: FailureEvidence,
  secrets: readonly string[] = [],
): ChainFailure {
  const show = (text: string) => shorten(redactText(text, secrets), LONGEST_DETAIL);
  switch (evidence.from) {
    case "timeout":
      return {
        kind: "timeout",
        isRetryable: true,
        detail: `no answer within ${evidence.timeoutMs} ms`,
      };
    case "thrown": {
      const untrusted = tlsFailure(evidence.error);
      if (untrusted !== undefined) return { kind: "untrusted", isRetryable: true, detail: untrusted };
      return {
        kind: "unreachable",
        isRetryable: true,
        detail: show(messagesOf(evidence.error)),
      };
    }
    case "body": {
      const isHtml = evidence.contentType?.includes("html") ||
        /^\s*<(?:!doctype|html)/i.test(evidence.text);
      const detail = isHtml
        ? "answered with a web page, not JSON-RPC"
        : "answered with something that is not JSON-RPC";
      return { kind: "bad-answer", isRetryable: true, detail };
    }
    case "http":
      return httpFailure(evidence.status, evidence.retryAfter);
    case "rpc":
      return rpcFailure(evidence.error, show);
  }
}

function httpFailure(
  status: number,
  retryAfter: string | null | undefined,
): ChainFailure {
  const seconds = Number(retryAfter ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0
    ? { retryAfterMs: Math.ceil(seconds * 1000) }
    : {};
  if (status === 413) {
    return {
      kind: "too-much",
      isRetryable: false,
      detail: `HTTP status ${status}`,
    };
  }
  const kind: RetryableKind = status === 429
    ? "rate-limited"
    : status === 408 || status === 504
    ? "timeout"
    : status === 401 || status === 403
    ? "access-denied"
    : status >= 500
    ? "server-error"
    : "bad-answer";
  return {
    kind,
    isRetryable: true,
    detail: `HTTP status ${status}`,
    ...retryAfterMs,
  };
}

function rpcFailure(
  error: unknown,
  show: (text: string) => string,
): ChainFailure {
  const { code, message, data } = (typeof error === "object" && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const text = typeof message === "string" ? readable(message) : "no message";
  const known = WORDINGS.find(([wording]) => wording.test(text))?.[1];
  const kind = known ?? (typeof code === "number" ? CODES[code] : undefined) ??
    "rejected";
  const detail = show(
    typeof code === "number" ? `${text} (code ${code})` : text,
  );
  if (RETRYABLE.has(kind)) {
    return { kind: kind as RetryableKind, isRetryable: true, detail };
  }
  const revertData = kind === "reverted" ? findRevertData(data) : undefined;
  return {
    kind: kind as DefiniteKind,
    isRetryable: false,
    detail,
    ...(revertData && { revertData }),
  };
}

/** Nodes put the bytes in `data`, in `data.data`, in `data.originalError.data`, or in a sentence such as `Reverted 0x…`. */
function findRevertData(data: unknown, depth = 0): `0x${string}` | undefined {
  if (typeof data === "string") {
    const hex = /0x(?:[0-9a-f]{2})*/i.exec(data)?.[0];
    return hex === undefined ? undefined : hex.toLowerCase() as `0x${string}`;
  }
  if (typeof data !== "object" || data === null || depth > 3) return undefined;
  const { data: inner, originalError } = data as Record<string, unknown>;
  return findRevertData(inner, depth + 1) ??
    findRevertData(originalError, depth + 1);
}

/** A failure of one endpoint, with its redacted name. */
export interface EndpointFailure {
  /** Its redacted URL. */
  readonly endpoint: string;
  /** What went wrong, and whether asking again may help. */
  readonly failure: ChainFailure;
}

/** Every endpoint failed, each in its own way. */
export class NoAnswerError extends UnreachableError {
  override readonly name: string = "NoAnswerError";
  /** The last failure of each endpoint. */
  readonly failures: readonly EndpointFailure[];

  constructor(
    summary: string,
    { failures, ...rest }: {
      readonly failures: readonly EndpointFailure[];
      readonly facts: readonly string[];
      readonly hint: string;
    },
  ) {
    super(summary, rest);
    this.failures = failures;
  }
}

/** "No endpoint could be asked": exit code 4, with one line an endpoint. `action` as in "read from the chain". */
export function unreachableError(
  action: string,
  failures: readonly EndpointFailure[],
): NoAnswerError {
  const isEach = (kind: RetryableKind) =>
    failures.length > 0 && failures.every(({ failure }) => failure.kind === kind);
  return new NoAnswerError(
    `Cannot ${action} as no RPC endpoint gave an answer`,
    {
      failures,
      facts: failures.map(({ endpoint, failure }) => `${endpoint}: ${failure.detail}`),
      hint: isEach("access-denied")
        ? "check the API key in RPC_URL or POT_RPC_URLS"
        : isEach("untrusted")
        ? TLS_HINT
        : "check RPC_URL and POT_RPC_URLS, or try again later; pot network test asks each endpoint",
    },
  );
}

/** An endpoint's definite no, in words. `action` as in "anchor". */
export function chainErrorOf(
  action: string,
  { endpoint, failure }: {
    readonly endpoint: string;
    readonly failure: DefiniteFailure;
  },
): ChainError {
  const { kind, detail, revertData } = failure;
  const { reason, hint } = REASONS[kind];
  return new ChainError(`Cannot ${action} as ${reason}`, {
    kind,
    revertData,
    facts: [`${endpoint}: ${detail}`],
    ...(hint !== undefined && { hint }),
  });
}

const REASONS: Readonly<
  Record<DefiniteKind, { readonly reason: string; readonly hint?: string }>
> = {
  reverted: { reason: "the contract refused it" },
  "insufficient-funds": {
    reason: "the account cannot pay for the gas",
    hint: "send funds to the account, then try again",
  },
  "nonce-too-low": {
    reason: "another transaction of this key took its nonce",
    hint: "use this key for nothing else",
  },
  "already-known": { reason: "the endpoint has the transaction already" },
  underpriced: {
    reason: "another transaction with the same nonce is waiting",
    hint: "wait until it is mined, and use this key for nothing else",
  },
  "fee-too-low": {
    reason: "the network fee rose above the signed one",
    hint: "wait until the fee falls, then try again",
  },
  unsupported: {
    reason: "the endpoint does not support the method",
    hint: "use another endpoint in RPC_URL",
  },
  "too-much": {
    reason: "the endpoint does not answer that much at once",
    hint: "use another endpoint in RPC_URL",
  },
  rejected: { reason: "the endpoint refused the request" },
};

/** An error's message and those of its causes: fetch says what happened in the cause only. */
function messagesOf(error: unknown): string {
  const messages: string[] = [];
  for (
    let at = error;
    at !== undefined && messages.length < 4;
    at = at instanceof Error ? at.cause : undefined
  ) {
    messages.push(readable(at instanceof Error ? at.message : String(at)));
  }
  return messages.join(": ");
}

/** So much of a message that matching and redacting it is cheap; cut between words, so that no half of a key is left over. */
function readable(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text;
  return text.slice(0, text.lastIndexOf(" ", LONGEST_MESSAGE) + 1);
}

function shorten(text: string, longest: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
