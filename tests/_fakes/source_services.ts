import solc from "solc";
import type { Devnet } from "../../lib/chain/devnet.ts";

/** What a fake service does before it does its work. */
export interface ServiceMood {
  /** Answers given, in order, instead of taking the request; `{}` as the body stands for its own. */
  readonly refusals?: readonly {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly body: unknown;
  }[];
  /** How often a job is still under way when it is asked about. @default 0 */
  readonly pendingPolls?: number;
}

/** One request that arrived. */
export interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

/** A service on loopback that checks sources as the real ones do: it compiles what it is given, and compares with the chain. */
export interface SourceServiceFake extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ServiceRequest[];
  mood: ServiceMood;
}

interface Submission {
  readonly contract: string;
  readonly input: string;
  readonly name: string;
  readonly compiler: string;
  /** Without `0x`; only Etherscan asks for them. */
  readonly constructorArguments?: string;
}

const compiled = new Map<
  string,
  { readonly creation: string; readonly deployed: string; readonly version: string }
>();

/** Compiling takes seconds, and the same input gives the same code. */
function compile(input: string, name: string) {
  const key = `${name}\n${JSON.stringify(JSON.parse(input))}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const [path, contract] = name.split(":") as [string, string];
  const settings = JSON.parse(input);
  settings.settings.outputSelection = {
    "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(settings)));
  const { bytecode, deployedBytecode } = output.contracts[path][contract].evm;
  const version = solc.version().split(".Emscripten")[0]!;
  const made = { creation: bytecode.object, deployed: deployedBytecode.object, version };
  compiled.set(key, made);
  return made;
}

/** `undefined` when the source makes that contract, else why not. */
async function compare(devnet: Devnet, submission: Submission): Promise<string | undefined> {
  let made: ReturnType<typeof compile>;
  try {
    made = compile(submission.input, submission.name);
  } catch {
    return "Unable to compile";
  }
  if (made.version !== submission.compiler) return `Unknown compiler ${submission.compiler}`;
  const code = await devnet.request("eth_getCode", [submission.contract, "latest"]) as string;
  if (code !== `0x${made.deployed}`) return "Unable to verify: the code is another one";
  if (submission.constructorArguments === undefined) return undefined;
  const { number } = await devnet.request("eth_getBlockByNumber", ["latest", false]) as { number: string };
  for (let height = Number(number); height > 0; height--) {
    const { transactions } = await devnet.request("eth_getBlockByNumber", [
      `0x${height.toString(16)}`,
      true,
    ]) as {
      transactions: { input: string }[];
    };
    const isIt = transactions.some(({ input }) =>
      input.endsWith(made.creation + submission.constructorArguments)
    );
    if (isIt) return undefined;
  }
  return "Unable to verify: the constructor arguments are others";
}

/** Etherscan's V2 API, as far as sources go. */
export function startEtherscan(devnet: Devnet, { apiKey }: { readonly apiKey: string }): SourceServiceFake {
  const jobs = new Map<string, { polls: number; readonly verdict: Promise<string | undefined> }>();
  const verified = new Set<string>();
  return serve((request, mood) => {
    const { method, query, form } = request;
    const answer = (status: "0" | "1", result: string) =>
      Response.json({ status, message: status === "1" ? "OK" : "NOTOK", result });
    if (query.get("apikey") !== apiKey) return answer("0", "Invalid API Key");
    if (query.get("chainid") !== String(devnet.chainId) || query.get("module") !== "contract") {
      return answer("0", "Missing or unsupported chainid parameter");
    }
    if (query.get("action") === "checkverifystatus") {
      const job = jobs.get(query.get("guid") ?? "")!;
      if (job.polls++ < (mood.pendingPolls ?? 0)) return answer("0", "Pending in queue");
      return job.verdict.then((reason) =>
        reason === undefined ? answer("1", "Pass - Verified") : answer("0", `Fail - ${reason}`)
      );
    }
    const contract = form.get("contractaddress")!;
    if (method !== "POST" || form.get("codeformat") !== "solidity-standard-json-input") {
      return answer("0", "Error! Invalid request");
    }
    if (verified.has(contract)) return answer("0", "Contract source code already verified");
    const verdict = compare(devnet, {
      contract,
      input: form.get("sourceCode")!,
      name: form.get("contractname")!,
      compiler: form.get("compilerversion")!.slice(1),
      constructorArguments: form.get("constructorArguements")!,
    });
    verdict.then((reason) => reason === undefined && verified.add(contract));
    const guid = crypto.randomUUID();
    jobs.set(guid, { polls: 0, verdict });
    return answer("1", guid);
  });
}

/** Sourcify's API v2, as far as standard JSON input goes. */
export function startSourcify(devnet: Devnet): SourceServiceFake {
  const jobs = new Map<string, { polls: number; readonly verdict: Promise<string | undefined> }>();
  const verified = new Set<string>();
  return serve(async ({ method, path, body }, mood) => {
    const [, chainId, contract] = /^\/v2\/verify\/(\d+)\/(0x\w{40})$/.exec(path) ?? [];
    if (method === "POST" && contract !== undefined) {
      if (chainId !== String(devnet.chainId)) {
        return Response.json({
          customCode: "unsupported_chain",
          message: `The chain ${chainId} is not supported`,
        }, {
          status: 404,
        });
      }
      if (verified.has(contract)) {
        const message = `Contract ${contract} on chain ${chainId} is already verified`;
        return Response.json({ customCode: "already_verified", message, errorId: "1" }, { status: 409 });
      }
      const { stdJsonInput, compilerVersion, contractIdentifier, creationTransactionHash } = JSON.parse(body);
      const transaction = await devnet.request("eth_getTransactionByHash", [creationTransactionHash]);
      if (transaction === null) {
        return Response.json({ customCode: "invalid_parameter", message: "no such transaction" }, {
          status: 400,
        });
      }
      const verdict = compare(devnet, {
        contract,
        input: JSON.stringify(stdJsonInput),
        name: contractIdentifier,
        compiler: compilerVersion,
      });
      verdict.then((reason) => reason === undefined && verified.add(contract));
      const verificationId = crypto.randomUUID();
      jobs.set(verificationId, { polls: 0, verdict });
      return Response.json({ verificationId }, { status: 202 });
    }
    const job = jobs.get(path.slice("/v2/verify/".length));
    if (job === undefined) {
      return Response.json({ customCode: "job_not_found", message: "?" }, { status: 404 });
    }
    if (job.polls++ < (mood.pendingPolls ?? 0)) {
      return Response.json({ isJobCompleted: false, contract: { match: null } });
    }
    const message = await job.verdict;
    return Response.json(
      message === undefined
        ? {
          isJobCompleted: true,
          contract: { match: "match", creationMatch: "match", runtimeMatch: "match" },
        }
        : { isJobCompleted: true, contract: { match: null }, error: { customCode: "no_match", message } },
    );
  });
}

function serve(
  handle: (
    request: ServiceRequest & { readonly body: string },
    mood: ServiceMood,
  ) => Response | Promise<Response>,
): SourceServiceFake {
  const requests: ServiceRequest[] = [];
  let refused = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (incoming) => {
    const { pathname: path, searchParams: query } = new URL(incoming.url);
    const body = await incoming.text();
    const isForm = incoming.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") ??
      false;
    const request = { method: incoming.method, path, query, form: new URLSearchParams(isForm ? body : "") };
    requests.push(request);
    const refusal = fake.mood.refusals?.[refused];
    if (refusal !== undefined) {
      refused++;
      const { status = 200, headers = {}, body } = refusal;
      return typeof body === "string"
        ? new Response(body, { status, headers })
        : Response.json(body, { status, headers });
    }
    return await handle({ ...request, body }, fake.mood);
  });
  const fake: SourceServiceFake = {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    requests,
    mood: {},
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return fake;
}
