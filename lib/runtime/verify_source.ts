import { readDeployment } from "../chain/deployment_file.ts";
import { ETHERSCAN_URL, publishOnEtherscan } from "../chain/etherscan.ts";
import { publishedContract } from "../chain/publish_source.ts";
import { publishOnSourcify, SOURCIFY_URL } from "../chain/sourcify.ts";
import type { SourceVerdict } from "../chain/source_service.ts";
import type { Clock } from "../core/clock.ts";
import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import type { Config } from "./config.ts";
import { requireEvm } from "./deploy.ts";
import { requireConfigured } from "./manage_contract.ts";
import { openEndpoints } from "./open_sender.ts";
import { systemClock } from "./system_clock.ts";

/** A service that compiles sources and compares. */
export type SourceServiceName = "etherscan" | "sourcify";

/** Where to publish. */
export interface VerifySourceOptions {
  /** @default Sourcify, and Etherscan where it has an API key */
  readonly services?: readonly SourceServiceName[];
  /** @default the machine's clock */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** What one service answered, or why it did not. */
export interface ServiceOutcome {
  readonly service: SourceServiceName;
  readonly status: SourceVerdict["status"] | "failed";
  /** The service's words, or ours. */
  readonly detail: string;
  /** It failed as nobody answered: nothing is known to be wrong. */
  readonly isUnreachable?: true;
}

/** The source of one contract, on every service that was asked. */
export interface VerifiedSource {
  readonly contract: `0x${string}`;
  readonly chainId: number;
  readonly outcomes: readonly ServiceOutcome[];
}

/**
 * Publishes the configured contract's source for others to check. What fails on one service is part of the answer.
 *
 * @throws {UsageError} when a service is asked for that has no API key, or no contract is configured.
 * @throws {PotError} when the contract was made of another source.
 */
export async function verifySource(
  config: Config,
  { services, clock = systemClock, signal }: VerifySourceOptions = {},
): Promise<VerifiedSource> {
  const evm = requireEvm(config);
  const {
    chainId,
    explorers: { etherscanKey, etherscanUrl = ETHERSCAN_URL, sourcifyUrl = SOURCIFY_URL } = {},
  } = evm;
  if (services?.includes("etherscan") && etherscanKey === undefined) {
    throw new UsageError("Cannot publish the source on Etherscan as no API key is given", {
      hint: "set ETHERSCAN_API_KEY (one key of https://etherscan.io/apis works on every chain)",
    });
  }
  const contract = await requireConfigured(config);
  const file = await readDeployment(config.folder, chainId);
  const deployment = file?.contractAddress.toLowerCase() === contract.toLowerCase() ? file : undefined;
  const waiting = { ...(signal && { signal }) };
  const published = await publishedContract({
    endpoints: openEndpoints(evm),
    contract,
    deployment,
    ...waiting,
  });
  const wanted = services ?? (etherscanKey === undefined ? ["sourcify"] : ["sourcify", "etherscan"]);
  const outcomes = await Promise.all(wanted.map(async (service): Promise<ServiceOutcome> => {
    try {
      const options = { clock, ...waiting };
      const verdict = service === "sourcify"
        ? await publishOnSourcify(published, { ...options, url: sourcifyUrl })
        : await publishOnEtherscan(published, { ...options, url: etherscanUrl, apiKey: etherscanKey! });
      return { service, ...verdict };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PotError) || error instanceof UsageError) throw error;
      const detail = [error.message, ...error.facts].join("; ");
      const isUnreachable = error instanceof UnreachableError ? { isUnreachable: true as const } : {};
      return { service, status: "failed", detail, ...isUnreachable };
    }
  }));
  return { contract, chainId, outcomes };
}
