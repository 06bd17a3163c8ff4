import type { Price } from "../core/money.ts";
import { PotError } from "../core/errors.ts";
import { httpRequest, type HttpRequestOptions } from "../io/http_request.ts";
import type { PriceConfig } from "./config.ts";

/** A price, and how sure it is. */
export interface KnownPrice extends Price {
  /** `url`: asked just now · `earlier`: what the URL said last · `configured`: never asked. */
  readonly from: "url" | "earlier" | "configured";
  /** Why it is not what the URL says now. */
  readonly failure?: string;
}

/** There should be a price, and there is none. */
export interface MissingPrice {
  readonly from: "nowhere";
  /** Why the URL gave none. */
  readonly failure: string;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_000_000;

/**
 * Reads what the chain's currency is worth, again and again: a URL that fails leaves the last price it gave, else the configured one,
 * else none. Answers `undefined` where neither is configured.
 */
export function createPriceReader(
  { perUnit, currency, url, path }: PriceConfig,
  request: Pick<HttpRequestOptions, "fetch"> = {},
): (options: { readonly signal: AbortSignal }) => Promise<KnownPrice | MissingPrice | undefined> {
  let last: number | undefined;
  return async ({ signal }) => {
    const configured: KnownPrice | undefined = perUnit === undefined
      ? undefined
      : { perUnit, currency, from: "configured" };
    if (url === undefined) return configured;
    try {
      last = await askForPrice(url, path, { ...request, signal });
      return { perUnit: last, currency, from: "url" };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PotError)) throw error;
      const failure = error.message;
      if (last !== undefined) return { perUnit: last, currency, from: "earlier", failure };
      return configured === undefined ? { from: "nowhere", failure } : { ...configured, failure };
    }
  };
}

async function askForPrice(
  url: string,
  path: string | undefined,
  options: Pick<HttpRequestOptions, "fetch" | "signal">,
): Promise<number> {
  const { status, bytes, isTooLong } = await httpRequest(url, {
    ...options,
    headers: { accept: "application/json" },
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });
  if (status !== 200 || isTooLong) throw noPrice(status === 200 ? "too long an answer" : `status ${status}`);
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw noPrice("no JSON");
  }
  for (const name of path?.split(".") ?? []) {
    const isThere = typeof found === "object" && found !== null && Object.hasOwn(found, name);
    found = isThere ? (found as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  const price = typeof found === "string" ? Number(found) : found;
  if (typeof price !== "number" || !Number.isFinite(price) || price <= 0) {
    throw noPrice(`no number above 0 at ${path ?? "its top"}`);
  }
  return price;
}

function noPrice(reason: string): PotError {
  return new PotError(`Cannot read the price as the price URL gave ${reason}`, {
    hint: "check POT_PRICE_URL and POT_PRICE_PATH",
  });
}
