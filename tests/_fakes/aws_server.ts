import { privateKeyToAccount, sign } from "viem/accounts";
import { type KnownCredentials, verifySigV4 } from "./sigv4.ts";

/** A parameter in the store. */
export interface StoredParameter {
  readonly type: "SecureString" | "String";
  readonly value: string;
}

/** A key of the key service. Its ARN is `arn:aws:kms:<region>:111122223333:key/<id>`. */
export interface StoredKey {
  readonly id: string;
  /** `alias/…` */
  readonly alias?: string;
  readonly privateKey: `0x${string}`;
  /** @default ECC_SECG_P256K1 */
  readonly keySpec?: string;
  /** @default SIGN_VERIFY */
  readonly keyUsage?: string;
  /** @default Enabled */
  readonly state?: "Enabled" | "Disabled" | "PendingDeletion";
  /** Which of the two valid signatures it gives; the real one gives either. @default low */
  readonly s?: "low" | "high";
  /** Signs in its place. */
  readonly impostor?: `0x${string}`;
}

/** What happens in place of an answer. */
export type AwsFault =
  | { readonly type: string; readonly status?: number; readonly message?: string }
  | { readonly body: string }
  | "hang"
  | "cut";

export interface AwsServerOptions {
  readonly region: string;
  readonly credentials: readonly KnownCredentials[];
  readonly parameters?: Readonly<Record<string, StoredParameter>>;
  readonly keys?: readonly StoredKey[];
  /** Actions that the policy does not allow, such as `kms:Sign`. */
  readonly denied?: readonly string[];
  /** What goes wrong, by action; asked for each request that was signed well. */
  readonly faultOf?: (action: string) => AwsFault | undefined;
  /** For HTTPS. @default plain HTTP */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Systems Manager and the key service of AWS on one port, as they are at the wire. */
export interface AwsServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  /** Actions that were asked for, in order, those that were refused too. */
  readonly asked: readonly string[];
  /** Of the refusals that a client only sees as their type, the message. */
  readonly refusals: readonly string[];
}

const ACTIONS: Readonly<Record<string, string>> = {
  "AmazonSSM.GetParameter": "ssm:GetParameter",
  "TrentService.GetPublicKey": "kms:GetPublicKey",
  "TrentService.Sign": "kms:Sign",
};

/** An answer that is no success. */
class Refusal extends Error {
  constructor(readonly type: string, message: string, readonly status = 400) {
    super(message);
  }
}

/** Listens on a free loopback port. */
export function startAwsServer(options: AwsServerOptions): AwsServer {
  const { region, credentials, denied = [], faultOf = () => undefined, certificate } = options;
  const asked: string[] = [];
  const refusals: string[] = [];
  const end = Promise.withResolvers<Response>();

  async function answer(request: Request): Promise<unknown> {
    const body = await request.bytes();
    const { method, url, headers } = request;
    const action = ACTIONS[headers.get("x-amz-target") ?? ""];
    asked.push(action ?? "unknown");
    if (method !== "POST" || new URL(url).pathname !== "/" || action === undefined) {
      throw new Refusal("UnknownOperationException", "");
    }
    if (headers.get("content-type") !== "application/x-amz-json-1.1") {
      throw new Refusal("SerializationException", "");
    }
    const [service = ""] = action.split(":");
    const scope = { credentials, region, service, nowMs: Date.now() };
    const refusal = verifySigV4({ method, url, headers, body }, scope);
    if (refusal !== undefined) throw new Refusal(refusal.type, refusal.message);
    const fault = faultOf(action);
    if (fault === "hang") return await end.promise;
    if (fault === "cut") return cutAnswer();
    if (fault !== undefined && "body" in fault) return new Response(fault.body, { headers: JSON_HEADERS });
    if (fault !== undefined) throw new Refusal(fault.type, fault.message ?? "", fault.status);
    const input = JSON.parse(new TextDecoder().decode(body));
    if (denied.includes(action)) {
      throw new Refusal(
        "AccessDeniedException",
        `User: arn:aws:iam::111122223333:user/pot is not authorized: ${action}`,
      );
    }
    if (action === "ssm:GetParameter") return getParameter(input, options);
    const key = findKey(input.KeyId, options);
    return action === "kms:GetPublicKey" ? getPublicKey(key, region) : await signDigest(input, key, region);
  }

  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...certificate };
  const server = Deno.serve(listen, async (request) => {
    const id = { ...JSON_HEADERS, "x-amzn-requestid": crypto.randomUUID() };
    try {
      const given = await answer(request);
      return given instanceof Response ? given : Response.json(given, { headers: id });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(error.message);
      const { type, message, status } = error;
      return Response.json({ __type: `com.amazonaws.fake#${type}`, message }, { status, headers: id });
    }
  });
  return {
    url: certificate === undefined
      ? `http://127.0.0.1:${server.addr.port}`
      : `https://localhost:${server.addr.port}`,
    asked,
    refusals,
    async [Symbol.asyncDispose]() {
      end.resolve(new Response(null, { status: 503 }));
      await server.shutdown();
    },
  };
}

const JSON_HEADERS = { "content-type": "application/x-amz-json-1.1" };

/** The connection is lost in the middle of the body. */
function cutAnswer(): Response {
  const headers = { ...JSON_HEADERS, "content-length": "500" };
  return new Response(ReadableStream.from([new TextEncoder().encode('{"Parameter":{"Value":"')]), {
    headers,
  });
}

interface Input {
  readonly Name?: unknown;
  readonly WithDecryption?: unknown;
  readonly KeyId?: unknown;
  readonly Message?: unknown;
  readonly MessageType?: unknown;
  readonly SigningAlgorithm?: unknown;
}

function getParameter({ Name, WithDecryption }: Input, { region, parameters = {} }: AwsServerOptions) {
  const parameter = parameters[String(Name)];
  if (parameter === undefined) throw new Refusal("ParameterNotFound", "");
  const { type, value } = parameter;
  const isEncrypted = type === "SecureString" && WithDecryption !== true;
  return {
    Parameter: {
      ARN: `arn:aws:ssm:${region}:111122223333:parameter${Name}`,
      DataType: "text",
      LastModifiedDate: 1.79e9,
      Name,
      Type: type,
      Value: isEncrypted ? btoa(`encrypted ${value.length}`) : value,
      Version: 1,
    },
  };
}

function arnOf({ id }: StoredKey, region: string): string {
  return `arn:aws:kms:${region}:111122223333:key/${id}`;
}

function findKey(keyId: unknown, { region, keys = [] }: AwsServerOptions): StoredKey {
  const names = (key: StoredKey) => [key.id, key.alias, arnOf(key, region)];
  const key = keys.find((key) => names(key).includes(keyId as string));
  if (key === undefined) throw new Refusal("NotFoundException", `Key '${keyId}' does not exist`);
  if (key.state === "Disabled") throw new Refusal("DisabledException", `${arnOf(key, region)} is disabled.`);
  if (key.state === "PendingDeletion") {
    throw new Refusal("KMSInvalidStateException", `${arnOf(key, region)} is pending deletion.`);
  }
  return key;
}

function getPublicKey(key: StoredKey, region: string) {
  const { privateKey, keySpec = "ECC_SECG_P256K1", keyUsage = "SIGN_VERIFY" } = key;
  if (keySpec === "SYMMETRIC_DEFAULT") throw new Refusal("UnsupportedOperationException", "no public key");
  const point = Uint8Array.fromHex(privateKeyToAccount(privateKey).publicKey.slice(2));
  // RFC 5480: SEQUENCE { SEQUENCE { id-ecPublicKey, curve }, BIT STRING }; secp256k1, or P-256.
  const start = keySpec === "ECC_SECG_P256K1"
    ? "3056301006072a8648ce3d020106052b8104000a034200"
    : "3059301306072a8648ce3d020106082a8648ce3d030107034200";
  return {
    CustomerMasterKeySpec: keySpec,
    KeyId: arnOf(key, region),
    KeySpec: keySpec,
    KeyUsage: keyUsage,
    PublicKey: new Uint8Array([...Uint8Array.fromHex(start), ...point]).toBase64(),
    SigningAlgorithms: ["ECDSA_SHA_256"],
  };
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

async function signDigest({ Message, MessageType, SigningAlgorithm }: Input, key: StoredKey, region: string) {
  const { keyUsage = "SIGN_VERIFY", s: wanted = "low", privateKey, impostor = privateKey } = key;
  if (keyUsage !== "SIGN_VERIFY" || SigningAlgorithm !== "ECDSA_SHA_256") {
    throw new Refusal("InvalidKeyUsageException", `${arnOf(key, region)} key usage is ${keyUsage}`);
  }
  const digest = Uint8Array.fromBase64(String(Message));
  if (MessageType !== "DIGEST" || digest.length !== 32) {
    throw new Refusal("ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256.");
  }
  // With the k of RFC 6979, so that the same digest has the same signature everywhere; the real one draws it.
  const signature = await sign({ hash: `0x${digest.toHex()}`, privateKey: impostor });
  const s = wanted === "high" ? ORDER - BigInt(signature.s) : BigInt(signature.s);
  return {
    KeyId: arnOf(key, region),
    Signature: encodeDer(BigInt(signature.r), s).toBase64(),
    SigningAlgorithm,
  };
}

/** A SEQUENCE of two INTEGERs. */
export function encodeDer(r: bigint, s: bigint): Uint8Array {
  const integers = [r, s].flatMap((value) => {
    const hex = value.toString(16);
    const bytes = [...Uint8Array.fromHex(hex.padStart(hex.length + hex.length % 2, "0"))];
    // The first bit would make it negative.
    if (bytes[0]! >= 0x80) bytes.unshift(0);
    return [0x02, bytes.length, ...bytes];
  });
  return new Uint8Array([0x30, integers.length, ...integers]);
}
