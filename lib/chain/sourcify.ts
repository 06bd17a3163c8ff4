import {
  createSourceService,
  type PublishedContract,
  type SourceServiceOptions,
  type SourceVerdict,
} from "./source_service.ts";

/** Sourcify's own server. */
export const SOURCIFY_URL = "https://sourcify.dev/server";

/**
 * Publishes a contract's source on Sourcify (API v2, standard JSON input), and waits until it has compiled and compared it.
 * No key is needed.
 *
 * @throws {UnreachableError} when it gave no answer in time.
 */
export async function publishOnSourcify(
  published: PublishedContract,
  options: SourceServiceOptions,
): Promise<SourceVerdict> {
  const service = createSourceService(options);
  const { chainId, contract, transactionHash } = published;
  const refused = (detail: unknown) => ({ status: "refused", detail: service.show(detail) }) as const;
  const already = (detail: unknown) => ({ status: "already", detail: service.show(detail) }) as const;
  const body = JSON.stringify({
    stdJsonInput: JSON.parse(published.standardJson),
    compilerVersion: published.compilerVersion,
    contractIdentifier: published.contractName,
    ...(transactionHash === undefined ? {} : { creationTransactionHash: transactionHash }),
  });
  const action = "publish the source on Sourcify";

  const submitted = await service.until<SourceVerdict | { readonly id: string }>(action, async () => {
    const answer = await service.ask(`/v2/verify/${chainId}/${contract}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    if ("again" in answer) return answer;
    const { status, retryAfterMs } = answer;
    const { verificationId, customCode, message = `HTTP status ${status}` } = answer.body ?? {};
    if (typeof verificationId === "string") return { done: { id: verificationId } };
    if (status === 409 || customCode === "already_verified") return { done: already(message) };
    // Too many of ours, or the same contract is being looked at for somebody else.
    if (status === 429) {
      return { again: String(message), ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
    }
    return { done: refused(message) };
  });
  if (!("id" in submitted)) return submitted;

  return await service.until<SourceVerdict>(action, async () => {
    const answer = await service.ask(`/v2/verify/${encodeURIComponent(submitted.id)}`);
    if ("again" in answer) return answer;
    const { isJobCompleted, contract: found, error } = answer.body ?? {};
    if (answer.status !== 200) return { again: `HTTP status ${answer.status}` };
    if (isJobCompleted !== true) return { again: "it is still being compiled" };
    const { customCode, message } = (error ?? {}) as Readonly<Record<string, unknown>>;
    if (customCode === "already_verified") return { done: already(message) };
    // `exact_match` asks for a hash of the sources in the code, which ours does not have.
    const { match } = (found ?? {}) as Readonly<Record<string, unknown>>;
    if (match === "match" || match === "exact_match") return { done: { status: "verified", detail: match } };
    return { done: refused(message ?? customCode ?? "the code does not match") };
  });
}
