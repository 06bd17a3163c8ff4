import { type AzureTransport, type AzureTransportOptions, createAzureTransport } from "./azure_http_client.ts";
import { type OptionalPackages, loadPackage } from "../io/load_package.ts";

/** What a client of Azure's SDKs is made of. */
export interface AzureAccess extends Pick<AzureTransport, "exchanges"> {
  /** Who asks: what `DefaultAzureCredential` finds in the environment. */
  readonly credential: InstanceType<OptionalPackages["azure-identity"]["DefaultAzureCredential"]>;
  /** For each client: our HTTP, nothing tried twice. */
  readonly clientOptions: {
    readonly httpClient: AzureTransport["httpClient"];
    readonly retryOptions: { readonly maxRetries: 0 };
  };
}

/**
 * Credentials and HTTP for Azure's SDKs. The credentials come from the environment, as the SDK reads it: AZURE_TENANT_ID and
 * AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, else a workload's or a machine's own identity, else what
 * Azure's command line tools are logged in as; AZURE_TOKEN_CREDENTIALS narrows that.
 */
export async function openAzure(options: AzureTransportOptions): Promise<AzureAccess> {
  const { DefaultAzureCredential } = await loadPackage("azure-identity");
  const { httpClient, exchanges } = createAzureTransport(options);
  const clientOptions = { httpClient, retryOptions: { maxRetries: 0 } } as const;
  return { credential: new DefaultAzureCredential({ ...clientOptions }), clientOptions, exchanges };
}
