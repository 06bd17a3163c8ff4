import { isLoopback } from "../core/is_loopback.ts";

/** Where an AWS service is, as far as the environment does not say. */
export interface AwsPlace {
  /** Such as `eu-central-1`. @default that of an ARN, else what the SDK finds in the environment */
  readonly region?: string;
  /** Scheme, host and port of the service. @default AWS's own */
  readonly endpoint?: string;
}

/** The private key in an environment variable. */
export interface EnvKeyUri {
  /** Tells it from the other places. */
  readonly kind: "env";
  /** Its name. @default PRIVATE_KEY */
  readonly variable: string;
}

/** The private key in an encrypted file. */
export interface KeystoreKeyUri {
  /** Tells it from the other places. */
  readonly kind: "keystore";
  /** As written: a relative one starts where the caller says. */
  readonly path: string;
}

/** The private key in AWS Systems Manager Parameter Store. */
export interface AwsSsmKeyUri extends AwsPlace {
  /** Tells it from the other places. */
  readonly kind: "aws-ssm";
  /** Name or ARN, a version or label after a colon where one is pinned. @default /pot/blockchain/private-key */
  readonly parameter: string;
}

/** A key of AWS Key Management Service, which only signs. */
export interface AwsKmsKeyUri extends AwsPlace {
  /** Tells it from the other places. */
  readonly kind: "aws-kms";
  /** Key id, `alias/…`, or the ARN of either. */
  readonly keyId: string;
}

/** The private key in a secret of Azure Key Vault. */
export interface AzureSecretKeyUri {
  /** Tells it from the other places. */
  readonly kind: "azure-secret";
  /** Scheme, host and port, such as `https://example.vault.azure.net`. */
  readonly vaultUrl: string;
  /** Its name. @default blockchain-private-key */
  readonly secret: string;
  /** 32 hex characters. @default the newest */
  readonly version?: string;
}

/** A key of Azure Key Vault, which only signs. */
export interface AzureKeyKeyUri {
  /** Tells it from the other places. */
  readonly kind: "azure-key";
  /** Scheme, host and port, such as `https://example.vault.azure.net`. */
  readonly vaultUrl: string;
  /** Its name. */
  readonly key: string;
  /** 32 hex characters. @default the newest */
  readonly version?: string;
}

/** The private key in HashiCorp Vault's key-value store, version 2. */
export interface VaultKeyUri {
  /** Tells it from the other places. */
  readonly kind: "vault";
  /** Scheme, host and port of the server. */
  readonly url: string;
  /** Where the store is mounted; a slash in it is written `%2F` in the URI. @default secret */
  readonly mount: string;
  /** Of the secret, below the mount. @default pot/blockchain */
  readonly path: string;
  /** Of the secret. @default private_key */
  readonly field: string;
}

/** A program that holds the key and answers `eth_signTransaction`. */
export interface SignerKeyUri {
  /** Tells it from the other places. */
  readonly kind: "signer";
  /** Its whole URL. The path may be a secret: show it through `redactUrl` only. */
  readonly url: string;
  /** The account to sign with, as written. @default the one that it has */
  readonly address?: `0x${string}`;
}

/** Where the signing key is: what the setting `POT_KEY_SOURCE` says. */
export type KeyUri =
  | EnvKeyUri
  | KeystoreKeyUri
  | AwsSsmKeyUri
  | AwsKmsKeyUri
  | AzureSecretKeyUri
  | AzureKeyKeyUri
  | VaultKeyUri
  | SignerKeyUri;

/** Finishes the sentence "must be …". In angle brackets, as what looks like a whole URL would be redacted where it is shown. */
export const KEY_URI_EXPECTED =
  "env:[<variable>], keystore:<file>, aws-ssm:[<parameter>], aws-kms:<key>, azure-secret:https://<vault>[/<secret>], " +
  "azure-key:https://<vault>/<key>, vault:https://<host>[/<mount>/<path>][#<field>] or signer:https://<host>, " +
  "and no key itself (http:// only to this machine)";

const PARSERS: { readonly [Kind in KeyUri["kind"]]: (rest: string) => KeyUri | undefined } = {
  "env": parseEnv,
  "keystore": (path) => /^[^\0]+$/.test(path) ? { kind: "keystore", path } : undefined,
  "aws-ssm": parseAwsSsm,
  "aws-kms": parseAwsKms,
  "azure-secret": parseAzureSecret,
  "azure-key": parseAzureKey,
  "vault": parseVault,
  "signer": parseSigner,
};

/** A private key in the place of its name, which would be shown wherever the source is named. */
const KEY_ITSELF = /^(?:0x)?[0-9a-fA-F]{64}$/;

/** What a key URI means, `undefined` for anything but the forms of {@linkcode KEY_URI_EXPECTED}. Nothing is looked at yet. */
export function parseKeyUri(text: string): KeyUri | undefined {
  const [, kind = "", rest = ""] = /^([a-z-]+):([^]*)$/.exec(text) ?? [];
  if (KEY_ITSELF.test(rest) || !Object.hasOwn(PARSERS, kind)) return undefined;
  return PARSERS[kind as KeyUri["kind"]](rest);
}

function parseEnv(variable: string): KeyUri | undefined {
  if (variable === "") return { kind: "env", variable: "PRIVATE_KEY" };
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(variable) ? { kind: "env", variable } : undefined;
}

/** Segments of letters, digits and `.-_`, then perhaps a version or a label. */
const PARAMETER = /^\/?[A-Za-z0-9_.-]{1,256}(?:\/[A-Za-z0-9_.-]{1,256}){0,14}(?::[A-Za-z0-9_.-]{1,100})?$/;
const PARAMETER_ARN =
  /^arn:aws[a-z-]*:ssm:([a-z0-9-]+):\d{12}:parameter\/[A-Za-z0-9_./-]{1,1011}(?::[A-Za-z0-9_.-]{1,100})?$/;

function parseAwsSsm(text: string): KeyUri | undefined {
  const { name, query } = splitQuery(text);
  const parameter = name === "" ? "/pot/blockchain/private-key" : name;
  const [, arnRegion] = PARAMETER_ARN.exec(parameter) ?? [];
  if (arnRegion === undefined && !PARAMETER.test(parameter)) return undefined;
  const place = parseAwsPlace(query, arnRegion);
  return place && { kind: "aws-ssm", parameter, ...place };
}

const KMS_KEY =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias\/[A-Za-z0-9/_-]{1,250})$/;
const KMS_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key\/(.+)|(alias\/.+))$/;

function parseAwsKms(text: string): KeyUri | undefined {
  const { name: keyId, query } = splitQuery(text);
  const [, arnRegion, key, alias] = KMS_ARN.exec(keyId) ?? [];
  if (!KMS_KEY.test(key ?? alias ?? keyId) || key?.startsWith("alias/")) return undefined;
  const place = parseAwsPlace(query, arnRegion);
  return place && { kind: "aws-kms", keyId, ...place };
}

const REGION = /^[a-z]{2,8}(?:-[a-z]{2,20}){1,3}-\d{1,2}$/;

function parseAwsPlace(query: string | undefined, arnRegion: string | undefined): AwsPlace | undefined {
  const given = parseQuery(query, ["region", "endpoint"]);
  if (given === undefined) return undefined;
  const { region = arnRegion, endpoint } = given;
  if (region !== undefined && (!REGION.test(region) || region !== (arnRegion ?? region))) return undefined;
  const url = endpoint === undefined ? undefined : parseServer(endpoint);
  if (endpoint !== undefined && url === undefined) return undefined;
  return { ...(region === undefined ? {} : { region }), ...(url === undefined ? {} : { endpoint: url }) };
}

function parseAzureSecret(text: string): KeyUri | undefined {
  const { vaultUrl, name: secret = "blockchain-private-key", version } = parseAzure(text) ?? {};
  if (vaultUrl === undefined) return undefined;
  return { kind: "azure-secret", vaultUrl, secret, ...(version === undefined ? {} : { version }) };
}

function parseAzureKey(text: string): KeyUri | undefined {
  const { vaultUrl, name: key, version } = parseAzure(text) ?? {};
  if (vaultUrl === undefined || key === undefined) return undefined;
  return { kind: "azure-key", vaultUrl, key, ...(version === undefined ? {} : { version }) };
}

const AZURE_PATH = /^\/(?:([A-Za-z0-9-]{1,127})(?:\/([0-9a-f]{32}))?)?$/;

function parseAzure(text: string) {
  const url = parseSecureUrl(text);
  const path = url && AZURE_PATH.exec(url.pathname);
  if (!url || !path || url.search !== "" || url.hash !== "") return undefined;
  const [, name, version] = path;
  return { vaultUrl: url.origin, name, version };
}

const VAULT_MOUNT = /^[A-Za-z0-9._-]+(?:%2[Ff][A-Za-z0-9._-]+)*$/;
const VAULT_PATH = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;

function parseVault(text: string): KeyUri | undefined {
  const url = parseSecureUrl(text);
  if (url === undefined || url.search !== "") return undefined;
  const field = url.hash === "" ? "private_key" : url.hash.slice(1);
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(field)) return undefined;
  const common = { kind: "vault", url: url.origin, field } as const;
  if (url.pathname === "/") return { ...common, mount: "secret", path: "pot/blockchain" };
  const [, mount = "", path = ""] = /^\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
  if (!VAULT_MOUNT.test(mount) || !VAULT_PATH.test(path)) return undefined;
  return { ...common, mount: decodeURIComponent(mount), path };
}

function parseSigner(text: string): KeyUri | undefined {
  const url = parseSecureUrl(text);
  const { address } = (url && url.hash === "" && parseQuery(url.search.slice(1), ["address"])) || {};
  if (url === undefined || url.hash !== "" || (url.search !== "" && address === undefined)) return undefined;
  url.search = "";
  if (address === undefined) return { kind: "signer", url: url.href };
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) return undefined;
  return { kind: "signer", url: url.href, address: address as `0x${string}` };
}

const DOT_SEGMENT = /\/(?:\.|%2[Ee]){1,2}(?:[/?#]|$)/;

/** HTTPS, or plain HTTP to this machine, without credentials. */
function parseSecureUrl(text: string): URL | undefined {
  // What URL would quietly repair, or read as another place than a person does, is a mistake here.
  if (!/^https?:\/\/[^\s\\]+$/.test(text) || DOT_SEGMENT.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, hostname, username, password } = url;
  const isSecure = protocol === "https:" || isLoopback(hostname);
  return isSecure && username === "" && password === "" ? url : undefined;
}

/** Scheme, host and port of a URL that has nothing else. */
function parseServer(text: string): string | undefined {
  const url = parseSecureUrl(text);
  return url && url.href === `${url.origin}/` ? url.origin : undefined;
}

function splitQuery(text: string): { readonly name: string; readonly query?: string } {
  const mark = text.indexOf("?");
  return mark === -1 ? { name: text } : { name: text.slice(0, mark), query: text.slice(mark + 1) };
}

/** The values of a query, each at most once and none but these; `undefined` for any other. */
function parseQuery<Name extends string>(
  query: string | undefined,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> | undefined {
  const found: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query ?? "")) {
    if (!names.some((known) => known === name) || name in found || value === "") return undefined;
    found[name] = value;
  }
  return found as Partial<Record<Name, string>>;
}
