import { UsageError } from "../core/errors.ts";
import { isLoopback } from "../core/is_loopback.ts";

/** Where an AWS service is, and as whom it is asked. */
export interface AwsOptions {
  /** Such as `eu-central-1`. @default what the SDK finds in the environment or in ~/.aws/config */
  readonly region?: string;
  /** URL of the service: HTTPS, loopback excepted. @default AWS's own */
  readonly endpoint?: string;
  /** Secret. @default what the SDK's chain of providers finds: environment, ~/.aws, the machine's role */
  readonly credentials?: AwsCredentials;
}

/** An access key of AWS. */
export interface AwsCredentials {
  /** Public. */
  readonly accessKeyId: string;
  /** Secret. */
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** How each client of the SDK is made: it tries once, and leaves no connection behind that would keep the process alive. */
export function awsClientConfig({ region, endpoint, credentials }: AwsOptions) {
  return {
    maxAttempts: 1,
    requestHandler: { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
  };
}

/** As much of a client's middleware as is used here; each client of the SDK types it for its own commands. */
interface MiddlewareStack {
  add(
    middleware: (next: (args: never) => unknown) => (args: never) => unknown,
    options: { readonly step: "finalizeRequest"; readonly priority: "high"; readonly name: string },
  ): void;
}

/**
 * Lets a client ask only over HTTPS, loopback excepted, wherever its endpoint comes from: the SDK also reads AWS_ENDPOINT_URL.
 * Nothing has been signed when a request is refused.
 */
export function requireSecureEndpoint(client: { readonly middlewareStack: unknown }): void {
  const stack = client.middlewareStack as MiddlewareStack;
  stack.add(
    (next) => (args) => {
      const { request } = args as {
        readonly request: { readonly protocol: string; readonly hostname: string };
      };
      if (request.protocol === "https:" || isLoopback(request.hostname)) return next(args);
      throw new UsageError("Cannot ask AWS as its endpoint is not HTTPS", {
        facts: [`host: ${request.hostname}`],
        hint: "correct AWS_ENDPOINT_URL or the endpoint in POT_KEY_SOURCE",
      });
    },
    { step: "finalizeRequest", priority: "high", name: "requireSecureEndpoint" },
  );
}
