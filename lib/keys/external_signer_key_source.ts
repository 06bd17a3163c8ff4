import { UsageError } from "../core/errors.ts";
import { isLoopback } from "../core/is_loopback.ts";
import { redactUrl } from "../core/redact.ts";
import type { TransactionSigner, UnsignedTransaction } from "../core/signer.ts";
import type { HttpFetch } from "../io/http_request.ts";
import { checkSignedTransaction } from "./check_signed_transaction.ts";
import type { KeySource } from "./key_source.ts";
import { signerError } from "./signer_error.ts";
import { createSignerRpc, type SignerRpc } from "./signer_rpc.ts";

/** Where a program is that holds the key. */
export interface ExternalSignerOptions {
  /** `https:`; `http:` only to this machine. Its path may be a secret. */
  readonly url: string;
  /** The account to sign with. @default the only one that the signer has */
  readonly address?: `0x${string}`;
  /** How long one question may take: a person may have to look at a device. @default 120 000 */
  readonly timeoutMs?: number;
  /** Sends the requests. @default globalThis.fetch */
  readonly fetch?: HttpFetch;
}

/** How a signer calls its two methods: `eth_` as web3signer and nodes do, `account_` as clef does. */
type Dialect = "eth" | "account";

/**
 * An external signer over JSON-RPC, which is also the way to a hardware wallet: clef asks a person and the device, web3signer a key
 * store or a hardware module. The signer is not trusted with more than its key: what it sends back must be exactly the transaction that
 * was asked for, signed by the account.
 *
 * `open` throws a UsageError where the account is not there, or several are and none is named. Signing throws a SigningDeniedError when
 * a person says no, and a PotError that names the field where the transaction was changed.
 */
export function createExternalSignerKeySource(
  { url, address, timeoutMs = 120_000, fetch }: ExternalSignerOptions,
): KeySource {
  const source = `signer ${redactUrl(url)}`;
  const facts = [`source: ${source}`];
  return {
    description: source,
    async open({ signal } = {}) {
      const { protocol, hostname } = new URL(url);
      if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname))) {
        throw new UsageError("Cannot sign as the signer's address is not an https:// one", {
          facts,
          hint: "put it behind TLS: plain http:// goes to this machine only",
        });
      }
      const ask = createSignerRpc({ url, timeoutMs, facts, ...(fetch === undefined ? {} : { fetch }) });
      const { dialect, accounts } = await listAccounts(ask, signal, { isNamed: address !== undefined });
      const { getAddress } = await import("viem/utils");
      const account = getAddress(address ?? onlyOne(accounts ?? []));
      if (accounts !== undefined && !accounts.some((one) => one.toLowerCase() === account.toLowerCase())) {
        throw new UsageError("Cannot sign as the signer does not have the account", {
          facts: [...facts, `account: ${account}`, ...accounts.map((one) => `has: ${one}`)],
          hint: "check the address in POT_KEY_SOURCE or POT_SIGNER_ADDRESS, and that the device is connected",
        });
      }
      return createSigner(ask, dialect, account);
    },
  };

  /** clef asks a person before it lists accounts, so it is not asked for what is known. */
  async function listAccounts(
    ask: SignerRpc,
    signal: AbortSignal | undefined,
    { isNamed }: { readonly isNamed: boolean },
  ): Promise<{ readonly dialect: Dialect; readonly accounts?: readonly string[] }> {
    const options = signal === undefined ? {} : { signal };
    const answer = await ask("eth_accounts", [], options);
    if (answer.ok) return { dialect: "eth", accounts: addresses(answer.result) };
    if (answer.code !== -32601) throw signerError(answer, facts);
    if (isNamed) return { dialect: "account" };
    const list = await ask("account_list", [], options);
    if (list.ok) return { dialect: "account", accounts: addresses(list.result) };
    throw signerError(list, facts);
  }

  function addresses(result: unknown): readonly string[] {
    const isList = Array.isArray(result) &&
      result.every((one) => typeof one === "string" && /^0x[0-9a-fA-F]{40}$/.test(one));
    if (isList) return result;
    throw new UsageError("Cannot sign as what the signer lists are no accounts", {
      facts,
      hint: "check the address in POT_KEY_SOURCE",
    });
  }

  function onlyOne(accounts: readonly string[]): string {
    const [only] = accounts;
    if (only !== undefined && accounts.length === 1) return only;
    throw new UsageError(
      `Cannot sign as the signer has ${accounts.length === 0 ? "no account" : "several accounts"}`,
      {
        facts: [...facts, ...accounts.map((one) => `has: ${one}`)],
        hint: accounts.length === 0
          ? "load a key into the signer, or connect the device"
          : "name one of them in POT_SIGNER_ADDRESS, or as ?address=… in POT_KEY_SOURCE",
      },
    );
  }

  function createSigner(ask: SignerRpc, dialect: Dialect, account: `0x${string}`): TransactionSigner {
    return {
      address: account,
      async signTransaction(transaction, options) {
        const answer = await ask(
          `${dialect}_signTransaction`,
          [await toRequest(transaction, account)],
          options,
        );
        if (!answer.ok) throw signerError(answer, facts);
        return await checkSignedTransaction(rawOf(answer.result), { transaction, account, facts });
      },
    };
  }
}

/** The transaction as JSON-RPC writes one. Addresses have their checksum: clef warns of those that do not, and then refuses. */
async function toRequest(
  { type, chainId, nonce, gas, to, value = 0n, data = "0x", ...fees }: UnsignedTransaction,
  account: `0x${string}`,
): Promise<Readonly<Record<string, string>>> {
  const { getAddress } = await import("viem/utils");
  const hex = (number: bigint | number | undefined) => `0x${(number ?? 0).toString(16)}`;
  return {
    from: account,
    ...(to === undefined ? {} : { to: getAddress(to) }),
    gas: hex(gas),
    ...(type === "legacy" ? { gasPrice: hex(fees.gasPrice) } : {
      maxFeePerGas: hex(fees.maxFeePerGas),
      maxPriorityFeePerGas: hex(fees.maxPriorityFeePerGas),
    }),
    value: hex(value),
    nonce: hex(nonce),
    data,
    chainId: hex(chainId),
  };
}

/** web3signer answers the signed transaction, clef and geth an object that holds it. */
function rawOf(result: unknown): unknown {
  return typeof result === "object" && result !== null ? (result as { readonly raw?: unknown }).raw : result;
}
