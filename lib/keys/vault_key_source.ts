import { UsageError } from "../core/errors.ts";
import type { HttpFetch } from "../io/http_request.ts";
import type { KeySource } from "./key_source.ts";
import { createSignerFromSecret } from "./signer_from_secret.ts";
import { asObject, createVaultClient, unknownVaultAnswer, type VaultClient } from "./vault_client.ts";

/** Where HashiCorp Vault keeps the private key, and who asks for it: a token, or a role and its secret. */
export interface VaultKeyOptions {
  /** Scheme, host and port. */
  readonly url: string;
  /** Where the key-value store is mounted. @default secret */
  readonly mount?: string;
  /** Of the secret, in that store. @default pot/blockchain */
  readonly path?: string;
  /** Of the secret: which of its values the key is. @default private_key */
  readonly field?: string;
  /** Of Vault Enterprise and HCP, such as `team/ml`. @default the root namespace */
  readonly namespace?: string;
  /** Secret; a function is called by each `open`, where an agent renews the file that holds it. */
  readonly token?: string | (() => Promise<string>);
  /** With `secretId`, in the place of a token: the log-in of an AppRole. */
  readonly roleId?: string;
  /** Secret, as the token. */
  readonly secretId?: string | (() => Promise<string>);
  /** For one exchange. @default 30 000 */
  readonly timeoutMs?: number;
  /** Sends the requests. @default globalThis.fetch */
  readonly fetch?: HttpFetch;
}

/**
 * The key in HashiCorp Vault's key-value store, version 2: 64 hex characters, with or without `0x`. A token that an AppRole's log-in
 * gave is revoked once the key was read.
 *
 * `open` throws a UsageError where credentials, secret or field are not there or not allowed, and an UnreachableError where nobody
 * answers, or the server is sealed or too busy.
 */
export function createVaultKeySource(options: VaultKeyOptions): KeySource {
  const { url, mount = "secret", path = "pot/blockchain", field = "private_key" } = options;
  const { namespace, token, roleId, secretId, timeoutMs = 30_000, fetch } = options;
  const source = `vault ${url}/${mount}/${path}#${field}`;
  const facts = [`source: ${source}`, ...(namespace === undefined ? [] : [`namespace: ${namespace}`])];
  const refuse = (reason: string, hint: string, more: readonly string[] = []) =>
    new UsageError(`Cannot sign as ${reason}`, { facts: [...facts, ...more], hint });
  return {
    description: source,
    async open({ signal = new AbortController().signal } = {}) {
      const vault = createVaultClient({
        url,
        timeoutMs,
        facts,
        ...(namespace === undefined ? {} : { namespace }),
        ...(fetch === undefined ? {} : { fetch }),
      });
      if (token !== undefined) return await readKey(vault, await read(token, "token"), signal);
      const login = await logIn(vault, signal);
      try {
        return await readKey(vault, login.token, signal);
      } finally {
        await login.end();
      }
    },
  };

  async function read(secret: string | (() => Promise<string>), name: string): Promise<string> {
    const text = (typeof secret === "string" ? secret : await secret()).trim();
    // A header cannot carry anything else, and the error of one that is tried shows it.
    if (/^[!-~]+$/.test(text)) return text;
    throw refuse(`the ${name} for Vault is empty, or holds what no ${name} does`, "give it as one line");
  }

  async function logIn(vault: VaultClient, signal: AbortSignal) {
    if (roleId === undefined || secretId === undefined) {
      throw refuse(
        "no credentials for Vault are given",
        "set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID",
      );
    }
    const { status, body } = await vault.ask({
      path: "auth/approle/login",
      method: "POST",
      body: { role_id: roleId, secret_id: await read(secretId, "secret id") },
      signal,
    });
    const { client_token: given, token_type: type } = asObject(body["auth"]);
    if (status === 400 || status === 403) {
      throw refuse(
        "Vault refused the AppRole's log-in",
        "check VAULT_ROLE_ID and VAULT_SECRET_ID (a secret id can expire, or be used up)" +
          (namespace === undefined ? ", and whether VAULT_NAMESPACE is needed" : ", and VAULT_NAMESPACE"),
        [`answer: ${status}`],
      );
    }
    if (status === 404) throw noSuchPlace("auth/approle/login");
    if (status !== 200 || typeof given !== "string") throw unknownVaultAnswer(status, facts);
    return {
      token: given,
      /** The key is read, so nobody needs the token any more. Where that fails it runs out by itself. */
      async end() {
        // Batch tokens cannot be revoked.
        if (type === "batch") return;
        await vault.ask({ path: "auth/token/revoke-self", method: "POST", token: given, signal }).catch(
          () => {},
        );
      },
    };
  }

  async function readKey(vault: VaultClient, token: string, signal: AbortSignal) {
    const place = `${encodePath(mount)}/data/${encodePath(path)}`;
    const { status, body } = await vault.ask({ path: place, token, signal });
    if (status === 400 || status === 403) throw await whyForbidden(vault, token, signal, place);
    const { data, metadata } = asObject(body["data"]);
    if (status === 404) throw whyAbsent(asObject(metadata), body["errors"], place);
    if (status !== 200) throw unknownVaultAnswer(status, facts);
    if (metadata === undefined || data === undefined) {
      throw refuse(
        "that is no key-value store of version 2",
        "name one in POT_KEY_SOURCE, or upgrade it: vault kv enable-versioning",
      );
    }
    const value = asObject(data)[field];
    if (typeof value === "string") {
      return await createSignerFromSecret(value, { subject: `the field ${field}`, facts });
    }
    throw refuse(
      `the secret in Vault has no text in the field ${field}`,
      `name the field at the end of POT_KEY_SOURCE (#field), or store it: vault kv patch ${mount}/${path} ${field}=…`,
    );
  }

  /** Vault says no more than "permission denied", but a token may ask about itself. */
  async function whyForbidden(vault: VaultClient, token: string, signal: AbortSignal, place: string) {
    const { status } = await vault.ask({ path: "auth/token/lookup-self", token, signal });
    if (status === 200) {
      return refuse(
        "the Vault token may not read the secret",
        `give it a policy with the capability read on ${place}`,
      );
    }
    return refuse(
      "Vault does not know the token, or it has expired",
      namespace === undefined
        ? "make another and set VAULT_TOKEN; a token of a namespace needs VAULT_NAMESPACE"
        : "make another and set VAULT_TOKEN, and check that it is of the namespace in VAULT_NAMESPACE",
    );
  }

  function whyAbsent(
    metadata: Readonly<Record<string, unknown>>,
    errors: unknown,
    place: string,
  ): UsageError {
    const { deletion_time: deletedAt, destroyed, version } = metadata;
    if (destroyed === true) {
      return refuse(`version ${version} of the secret in Vault was destroyed`, "store the key again");
    }
    if (typeof deletedAt === "string" && deletedAt !== "") {
      return refuse(
        `version ${version} of the secret in Vault was deleted`,
        `bring it back: vault kv undelete -versions=${version} ${mount}/${path}`,
        [`deleted at: ${deletedAt}`],
      );
    }
    // Without a handler there is no store; with one there is no secret, and no error is named.
    if (Array.isArray(errors) && errors.length === 0) {
      return refuse("Vault has no such secret", `store the key: vault kv put ${mount}/${path} ${field}=…`);
    }
    return noSuchPlace(place);
  }

  function noSuchPlace(place: string): UsageError {
    return refuse(
      "Vault has nothing mounted at that path",
      "check the mount in POT_KEY_SOURCE, and VAULT_NAMESPACE: a namespace has mounts of its own",
      [`path: ${place}`],
    );
  }
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
