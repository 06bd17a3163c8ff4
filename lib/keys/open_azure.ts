import type { HttpFetch } from "../io/http_request.ts";
import { loadPackage, type OptionalPackages } from "../io/load_package.ts";
import { azureError, type AzureQuestion } from "./azure_error.ts";
import { type AzureTransport, createAzureTransport } from "./azure_http_client.ts";

/** How a vault is asked. */
export interface OpenAzureOptions {
  /** For one exchange. */
  readonly timeoutMs: number;
  /** @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** What will be asked, for the errors. */
  readonly question: AzureQuestion;
}

/** What a client of Azure's SDKs is made of. */
export interface AzureAccess {
  /** Who asks: what `DefaultAzureCredential` finds in the environment. Keeps its token until that runs out. */
  readonly credential: InstanceType<OptionalPackages["azure-identity"]["DefaultAzureCredential"]>;
  /** For each client: our HTTP, nothing tried twice, no redirect followed. */
  readonly clientOptions: {
    readonly httpClient: AzureTransport["httpClient"];
    readonly retryOptions: { readonly maxRetries: number };
    readonly redirectOptions: { readonly maxRetries: number };
  };
  /**
   * Runs one question, all exchanges of which the signal ends. One at a time.
   *
   * @throws {UsageError} where it was refused
   * @throws {UnreachableError} where nobody answered, or asks to wait
   * @throws the signal's reason, when it aborts
   */
  ask<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T>;
}

/**
 * Credentials and HTTP for Azure's SDKs. The credentials come from the environment, as the SDK reads it: AZURE_TENANT_ID and
 * AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, else a workload's or a machine's own identity, else what
 * Azure's command line tools are logged in as; AZURE_TOKEN_CREDENTIALS narrows that.
 */
export async function openAzure({ timeoutMs, fetch, question }: OpenAzureOptions): Promise<AzureAccess> {
  const { DefaultAzureCredential } = await loadPackage("azure-identity");
  // MSAL, which fetches the tokens, takes no signal: whatever is under way belongs to the question that is asked now.
  let current: AbortSignal | undefined;
  const { httpClient, exchanges } = createAzureTransport({
    timeoutMs,
    ...(fetch === undefined ? {} : { fetch }),
    signal: () => current,
  });
  const clientOptions = {
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  };
  return {
    credential: new DefaultAzureCredential({ ...clientOptions }),
    clientOptions,
    async ask(signal, run) {
      signal.throwIfAborted();
      current = signal;
      try {
        return await run();
      } catch (error) {
        signal.throwIfAborted();
        throw azureError(error, exchanges, question);
      } finally {
        current = undefined;
      }
    },
  };
}
