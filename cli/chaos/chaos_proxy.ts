/** What stands between the client and the node, and how it misbehaves at the moment. */
export interface ChaosProxy extends AsyncDisposable {
  readonly url: string;
  /** Replaced to change its ways; `{}` is a faithful proxy. */
  faults: Faults;
  /** How many calls arrived. */
  readonly callCount: number;
}

/** Everything that can be wrong with an endpoint at once; an absent fault is none. */
export interface Faults {
  /** Every answer waits that long, in milliseconds. */
  readonly delayMs?: number;
  /** The connection ends without an answer. */
  readonly drops?: boolean;
  /** The answer ends in its middle. */
  readonly cuts?: boolean;
  /** That status instead of an answer; the node never hears of the call. */
  readonly status?: 429 | 502 | 503 | 504;
  /** Status 200 with a web page. */
  readonly html?: boolean;
  /** The node gets the call, the caller gets status 504. */
  readonly failsAfterForwarding?: boolean;
  /** The head it names is so many blocks off. */
  readonly headOffset?: number;
  /** The head it names stays there. */
  readonly frozenHead?: bigint;
  /** Receipts come with another status. */
  readonly flipsReceipts?: boolean;
  /** Receipts come with another block hash. */
  readonly movesReceipts?: boolean;
  /** Widest range of eth_getLogs, in blocks. */
  readonly logRange?: number;
  /** Names this chain id. */
  readonly chainId?: number;
  /** Only so many calls in a hundred meet the faults above. @default 100 */
  readonly percent?: number;
}

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

type Json = Record<string, unknown>;

const toHex = (value: bigint) => `0x${value.toString(16)}`;

/**
 * Starts a proxy in front of a node. Always, faults or not, it asks 10 % more of a replacement, as geth does and Anvil does not.
 *
 * @param feeOf what a raw transaction offers, and for which account and nonce
 */
export function startChaosProxy(
  targetUrl: string,
  { roll, feeOf }: {
    /** From 0 up to, and without, 1. */
    readonly roll: () => number;
    readonly feeOf: (raw: `0x${string}`) => Promise<Offer>;
  },
): ChaosProxy {
  const pool = new Map<string, Offer>();
  const ending = new AbortController();
  let callCount = 0;

  async function forward(call: Call): Promise<Json> {
    const response = await fetch(targetUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", ...call }),
    });
    return await response.json() as Json;
  }

  async function answer(call: Call, faults: Faults): Promise<Json> {
    const refuse = (message: string, code = -32000) => ({
      jsonrpc: "2.0",
      id: call.id,
      error: { code, message },
    });
    if (faults.chainId !== undefined && call.method === "eth_chainId") {
      return { jsonrpc: "2.0", id: call.id, result: toHex(BigInt(faults.chainId)) };
    }
    if (faults.logRange !== undefined && call.method === "eth_getLogs") {
      const { fromBlock, toBlock } = call.params[0] as { fromBlock: string; toBlock: string };
      if (Number(toBlock) - Number(fromBlock) >= faults.logRange) {
        return refuse(`block range exceeds ${faults.logRange}`);
      }
    }
    if (call.method === "eth_sendRawTransaction") {
      const offer = await feeOf(call.params[0] as `0x${string}`);
      const known = pool.get(offer.slot);
      if (known !== undefined && known.raw !== offer.raw && offer.feeWei * 100n < known.feeWei * 110n) {
        if (await isWaiting(known)) return refuse("replacement transaction underpriced");
      }
      const said = await forward(call);
      if (said.error === undefined) pool.set(offer.slot, offer);
      return said;
    }
    return bend(call, await forward(call), faults);
  }

  async function isWaiting({ hash }: Offer): Promise<boolean> {
    const { result } = await forward({ id: 0, method: "eth_getTransactionByHash", params: [hash] });
    return result !== null && (result as Json | undefined)?.blockNumber === null;
  }

  async function serve(request: Request): Promise<Response> {
    const body = await request.json() as Call | Call[];
    const calls = Array.isArray(body) ? body : [body];
    callCount += calls.length;
    const { percent = 100, ...set } = proxy.faults;
    const faults: Omit<Faults, "percent"> = roll() * 100 < percent ? set : {};
    if (faults.delayMs !== undefined) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, faults.delayMs);
        ending.signal.addEventListener("abort", () => (clearTimeout(timer), resolve(undefined)), {
          once: true,
        });
      });
    }
    if (faults.drops) return breakOff("");
    if (faults.status !== undefined) {
      return new Response("", { status: faults.status, headers: { "retry-after": "1" } });
    }
    if (faults.html) {
      return new Response("<!DOCTYPE html><html><body>Sorry</body></html>", {
        headers: { "content-type": "text/html" },
      });
    }
    const answers: Json[] = [];
    for (const call of calls) answers.push(await answer(call, faults));
    if (faults.failsAfterForwarding) return new Response("", { status: 504 });
    const text = JSON.stringify(Array.isArray(body) ? answers : answers[0]);
    if (faults.cuts) return breakOff(text.slice(0, text.length >> 1));
    return new Response(text, { headers: { "content-type": "application/json" } });
  }

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response("", { status: 500 }) },
    serve,
  );
  const proxy: ChaosProxy = {
    url: `http://127.0.0.1:${server.addr.port}/`,
    faults: {},
    get callCount() {
      return callCount;
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await server.shutdown();
    },
  };
  return proxy;
}

/** An answer whose connection ends after so much of it. */
function breakOff(text: string): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (text !== "") controller.enqueue(new TextEncoder().encode(text));
    },
    pull(controller) {
      controller.error(new Error("cut off"));
    },
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

/** What a transaction offers, for the place that it takes. */
export interface Offer {
  readonly raw: `0x${string}`;
  readonly hash: string;
  /** Account and nonce. */
  readonly slot: string;
  readonly feeWei: bigint;
}

/** Lies about what the node said. */
function bend({ method, params }: Call, said: Json, faults: Faults): Json {
  const { result } = said;
  const head = (number: bigint) => faults.frozenHead ?? shifted(number, faults.headOffset ?? 0);
  if (method === "eth_blockNumber" && typeof result === "string") {
    return { ...said, result: toHex(head(BigInt(result))) };
  }
  if (typeof result !== "object" || result === null) return said;
  const fields = result as Json;
  if (method === "eth_getBlockByNumber" && params[0] === "latest") {
    return { ...said, result: { ...fields, number: toHex(head(BigInt(fields.number as string))) } };
  }
  if (method !== "eth_getTransactionReceipt") return said;
  return {
    ...said,
    result: {
      ...fields,
      ...(faults.flipsReceipts && { status: fields.status === "0x1" ? "0x0" : "0x1" }),
      ...(faults.movesReceipts && { blockHash: `0x${"ab".repeat(32)}` }),
    },
  };
}

function shifted(number: bigint, offset: number): bigint {
  const moved = number + BigInt(offset);
  return moved < 0n ? 0n : moved;
}
