import { PotError, UsageError } from "../core/errors.ts";
import {
  createSourceService,
  type PublishedContract,
  type SourceServiceOptions,
  type SourceVerdict,
  type Step,
} from "./source_service.ts";

/** Etherscan's V2 API, which serves all explorers of its kind. */
export const ETHERSCAN_URL = "https://api.etherscan.io/v2/api";

/** What Etherscan wants beside the address of its API. */
export interface EtherscanOptions extends SourceServiceOptions {
  /** Secret. One key works on every chain. */
  readonly apiKey: string;
}

/** As of its licence list: MIT. */
const MIT = "3";

/**
 * Publishes a contract's source on Etherscan (V2 API, `verifysourcecode`), and waits until it has compiled and compared it.
 *
 * @throws {UsageError} for a key that it does not take.
 * @throws {PotError} when it takes no more submissions today.
 * @throws {UnreachableError} when it gave no answer in time.
 */
export async function publishOnEtherscan(
  published: PublishedContract,
  options: EtherscanOptions,
): Promise<SourceVerdict> {
  const { apiKey } = options;
  const service = createSourceService({ ...options, secrets: [apiKey] });
  const { chainId, contract, contractName, compilerVersion, standardJson } = published;
  const query = (action: string, more: Readonly<Record<string, string>> = {}) =>
    `?${new URLSearchParams({
      chainid: String(chainId),
      module: "contract",
      action,
      apikey: apiKey,
      ...more,
    })}`;

  /** What both questions may be answered with; `undefined` for what only one of them knows. */
  const ask = async (path: string, init?: RequestInit): Promise<Step<SourceVerdict> | { result: string }> => {
    const answer = await service.ask(path, init);
    if ("again" in answer) return answer;
    const afterMs = answer.retryAfterMs === undefined ? {} : { afterMs: answer.retryAfterMs };
    if (answer.status === 429) return { again: "too many requests", ...afterMs };
    const { status, result } = answer.body ?? {};
    if (typeof result !== "string") return { again: `HTTP status ${answer.status}, no proper answer` };
    if (/already verified/i.test(result)) {
      return { done: { status: "already", detail: service.show(result) } };
    }
    if (/daily limit/i.test(result)) {
      throw new PotError("Cannot publish the source as Etherscan takes no more of them today", {
        facts: [`service: ${service.name}`, `answer: ${service.show(result)}`],
        hint: "try again tomorrow, or publish on Sourcify: pot contract verify-source --service sourcify",
      });
    }
    if (/rate limit|too many requests|max calls/i.test(result)) return { again: result, ...afterMs };
    if (/invalid api key|missing.*api key/i.test(result)) {
      throw new UsageError("Cannot publish the source as Etherscan does not take the API key", {
        facts: [`service: ${service.name}`],
        hint: "set ETHERSCAN_API_KEY to a key of https://etherscan.io/apis (one works on every chain)",
      });
    }
    // A fresh deployment takes a moment until its explorer knows of it.
    if (/unable to locate contractcode|pending/i.test(result)) return { again: result };
    if (status !== "1") return { done: { status: "refused", detail: service.show(result) } };
    return { result };
  };

  const action = "publish the source on Etherscan";
  const form = new URLSearchParams({
    codeformat: "solidity-standard-json-input",
    sourceCode: standardJson,
    contractaddress: contract,
    contractname: contractName,
    compilerversion: `v${compilerVersion}`,
    licenseType: MIT,
  });
  const constructorArguments = published.constructorArguments?.slice(2) ?? "";
  // Its documentation spells the name in two ways, and older explorers know only the wrong one.
  for (const name of ["constructorArguements", "constructorArguments"]) form.set(name, constructorArguments);
  const submitted = await service.until<SourceVerdict | { readonly id: string }>(action, async () => {
    const step = await ask(query("verifysourcecode"), { method: "POST", body: form });
    return "result" in step ? { done: { id: step.result } } : step;
  });
  if (!("id" in submitted)) return submitted;
  return await service.until<SourceVerdict>(action, async () => {
    const step = await ask(query("checkverifystatus", { guid: submitted.id }));
    if (!("result" in step)) return step;
    const isVerified = /^pass/i.test(step.result);
    return { done: { status: isVerified ? "verified" : "refused", detail: service.show(step.result) } };
  });
}
