import { getAddress, parseTransaction, serializeTransaction, type TransactionSerializable } from "viem";
import { privateKeyToAccount } from "viem/accounts";

/** What a signer does in place of its work. */
export interface SignerMood {
  /** A person says no: clef to every question, web3signer never. */
  readonly denies?: boolean;
  /** Changes the transaction before it is signed. */
  readonly change?: (transaction: Record<string, unknown>) => Record<string, unknown>;
  /** Signs with this key, whoever was asked for. */
  readonly signsWith?: `0x${string}`;
  /** Changes what is answered as the signed transaction. */
  readonly distort?: (raw: `0x${string}`) => unknown;
  /** Changes the whole JSON-RPC answer. */
  readonly answer?: (answer: Record<string, unknown>) => unknown;
  /** Answers an error of JSON-RPC. */
  readonly error?: { readonly code: number; readonly message: string };
  /** Answers with this in place of everything. */
  readonly instead?: () => Response | Promise<Response>;
}

/** A signer that really signs, and checks what it is asked as the real ones do. */
export interface SignerServer extends AsyncDisposable {
  readonly url: string;
  /** Methods that were asked for, in order. */
  readonly methods: readonly string[];
  /** Parameters of the last one. */
  readonly lastParams: () => readonly unknown[];
  mood: SignerMood;
}

export interface SignerServerOptions {
  /** Which one it is like: they differ in methods, answers and what they insist on. */
  readonly like: "clef" | "web3signer" | "geth";
  readonly keys: readonly `0x${string}`[];
  readonly chainId: number;
}

type Fields = Readonly<Record<string, string | undefined>>;

class RpcError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string, status = 200) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Starts one on a free loopback port. */
export function startSignerServer({ like, keys, chainId }: SignerServerOptions): SignerServer {
  const methods: string[] = [];
  let lastParams: readonly unknown[] = [];
  const accounts = keys.map((key) => privateKeyToAccount(key));

  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const body = await request.text();
    if (server.mood.instead !== undefined) return await server.mood.instead();
    const type = request.headers.get("content-type");
    if (request.method !== "POST") return new Response("method not allowed", { status: 405 });
    if (type !== "application/json") return new Response("invalid content type", { status: 415 });
    const { jsonrpc, id, method, params } = JSON.parse(body);
    methods.push(method);
    lastParams = params;
    try {
      if (jsonrpc !== "2.0" || !Number.isSafeInteger(id)) throw new RpcError(-32600, "Invalid Request", 400);
      if (server.mood.error !== undefined) {
        throw new RpcError(server.mood.error.code, server.mood.error.message);
      }
      const answer = { jsonrpc: "2.0", id, result: await run(method, params) };
      return Response.json(server.mood.answer?.(answer) ?? answer);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { code, message, status } = error;
      return Response.json({ jsonrpc: "2.0", id, error: { code, message } }, { status });
    }
  });

  function run(method: string, params: readonly unknown[]): unknown {
    const isClef = like === "clef";
    if (method === (isClef ? "account_list" : "eth_accounts")) {
      if (params.length > 0) throw new RpcError(-32602, "Invalid params", 400);
      if (isClef && server.mood.denies) throw new RpcError(-32000, "request denied");
      return accounts.map(({ address }) => address.toLowerCase());
    }
    if (method === (isClef ? "account_signTransaction" : "eth_signTransaction")) {
      return signTransaction(params);
    }
    // web3signer hands what it does not know to the node behind it, and there is none.
    if (like === "web3signer") throw new RpcError(-32000, "Failed to connect to downstream node", 502);
    throw new RpcError(-32601, `the method ${method} does not exist/is not available`);
  }

  async function signTransaction(params: readonly unknown[]): Promise<unknown> {
    if (params.length !== 1) throw new RpcError(-32602, "Invalid params", 400);
    const fields = params[0] as Fields;
    const asked = like === "web3signer" ? fromWeb3signer(fields) : fromClef(fields);
    if (server.mood.denies) throw new RpcError(-32000, like === "clef" ? "request denied" : "Request denied");
    const from = accounts.find(({ address }) => address.toLowerCase() === fields["from"]?.toLowerCase());
    if (from === undefined) {
      throw new RpcError(
        -32000,
        like === "clef" ? "unknown account" : "No unlocked account matches the Sender",
      );
    }
    const { signsWith } = server.mood;
    const signer = signsWith === undefined ? from : privateKeyToAccount(signsWith);
    const changed = server.mood.change?.({ ...asked }) ?? asked;
    const raw = await signer.signTransaction(changed as TransactionSerializable);
    const shown = server.mood.distort === undefined ? raw : await server.mood.distort(raw);
    return like === "web3signer" ? shown : { raw: shown, tx: { hash: "0x00", nonce: fields["nonce"] } };
  }

  function fromClef(fields: Fields): TransactionSerializable {
    const { to, chainId: given, data, input, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = fields;
    const invalid = (name: string) =>
      new RpcError(-32602, `invalid argument 0: json: cannot unmarshal ${name}`);
    for (const name of ["gas", "nonce", "value"]) if (!isQuantity(fields[name])) throw invalid(name);
    for (const quantity of [given, gasPrice, maxFeePerGas, maxPriorityFeePerGas]) {
      if (quantity !== undefined && !isQuantity(quantity)) throw invalid("number");
    }
    if (data !== undefined && input !== undefined && data !== input) {
      throw new RpcError(-32000, 'ambiguous request: both "data" and "input" are set and are not identical');
    }
    if (given !== undefined && Number(given) !== chainId) {
      throw new RpcError(
        -32000,
        `requested chainid ${Number(given)} does not match the configuration of the signer`,
      );
    }
    // clef refuses what it would warn of, unless it was started with --advanced.
    if (to !== undefined && getAddress(to) !== to) {
      throw new RpcError(-32000, "validation failed: Invalid checksum on recipient address");
    }
    const hasBoth = maxFeePerGas !== undefined && maxPriorityFeePerGas !== undefined;
    if ((gasPrice !== undefined) === hasBoth) {
      throw new RpcError(-32000, "validation failed: Neither 'gasPrice' nor 'maxFeePerGas' specified.");
    }
    // A node's own check, which clef does not make.
    if (like === "geth" && Number(maxFeePerGas ?? gasPrice) === 0) {
      throw new RpcError(-32000, `${hasBoth ? "maxFeePerGas" : "gasPrice"} must be non-zero`);
    }
    return toTransaction(fields, maxFeePerGas === undefined ? chainId : Number(given));
  }

  function fromWeb3signer(fields: Fields): TransactionSerializable {
    if (fields["nonce"] === undefined || fields["from"] === undefined) {
      throw new RpcError(-32602, "Invalid params", 400);
    }
    // It signs for the chain that it was started for, whatever is asked.
    return toTransaction(fields, chainId);
  }

  const server: SignerServer = {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    methods,
    lastParams: () => lastParams,
    mood: {},
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
  return server;
}

function isQuantity(text: string | undefined): boolean {
  return text !== undefined && /^0x(?:0|[1-9a-f][0-9a-f]*)$/.test(text);
}

function toTransaction(fields: Fields, chainId: number): TransactionSerializable {
  const { to, gas, value, nonce, data, input, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = fields;
  const common = {
    chainId,
    nonce: Number(nonce),
    gas: BigInt(gas ?? 90_000),
    value: BigInt(value ?? 0),
    data: (data ?? input ?? "0x") as `0x${string}`,
    ...(to === undefined ? {} : { to: to as `0x${string}` }),
  };
  return maxFeePerGas === undefined ? { ...common, type: "legacy", gasPrice: BigInt(gasPrice ?? 0) } : {
    ...common,
    type: "eip1559",
    maxFeePerGas: BigInt(maxFeePerGas),
    maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas ?? 0),
  };
}

/** The same signed transaction with the other of the two signatures that are valid: that with the high `s`. */
export function withHighS(raw: `0x${string}`): `0x${string}` {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const { r, s, yParity, v: _v, ...transaction } = parseTransaction(raw);
  const other = {
    r: r!,
    s: `0x${(order - BigInt(s!)).toString(16)}`,
    yParity: 1 - yParity!,
    v: BigInt(28 - yParity!),
  };
  return serializeTransaction(transaction as TransactionSerializable, other as never);
}
