import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { isLinkLocal } from "../core/is_link_local.ts";
import type { AzureExchange } from "./azure_http_client.ts";
import { noAnswer } from "./no_answer.ts";

/** What was asked for. */
export interface AzureQuestion {
  /** Such as `azure-secret https://example.vault.azure.net/blockchain-private-key`. */
  readonly source: string;
  /** The vault, with its port. */
  readonly vaultHost: string;
  readonly subject: "secret" | "key";
  /** The role that is enough, for the hint. */
  readonly role: string;
  /** What was to be done, for the hint: `secrets/get`. */
  readonly permission: string;
}

/**
 * The error to throw in the place of an SDK's: those wrap each other and quote what was answered, so it is made of the exchanges
 * alone. Ours pass as they are, but for those that an exchange tells better.
 */
export function azureError(
  error: unknown,
  exchanges: readonly AzureExchange[],
  question: AzureQuestion,
): PotError {
  const { source, vaultHost } = question;
  // Asking a machine for its identity where it is none is no failure.
  const last = exchanges.findLast(({ host }) => !isLinkLocal(host));
  const facts = [`source: ${source}`, ...(last === undefined ? [] : factsOf(last))];
  if (error instanceof PotError && !(error instanceof UnreachableError)) return error;
  if (last === undefined || (last.host === vaultHost && isWithoutCredentials(error))) {
    return new UsageError("Cannot sign as no credentials for Azure were found", {
      facts: [`source: ${source}`],
      hint:
        "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give this machine a managed identity",
    });
  }
  const who = last.host === vaultHost ? "Azure Key Vault" : "Microsoft Entra ID";
  const { status = 0 } = last;
  if (last.failure !== undefined) {
    return noAnswer(last.failure, {
      who,
      facts,
      hint: "check the vault's name and the network, then try again",
    });
  }
  if (status === 429) {
    return new UnreachableError(`Cannot sign as ${who} has too many requests`, {
      facts,
      hint: "wait as long as it asks, then try again",
    });
  }
  if (status >= 500) {
    return new UnreachableError(`Cannot sign as ${who} has trouble of its own`, {
      facts,
      hint: "try again later",
    });
  }
  if (status >= 300 && status < 400) {
    return new UsageError(`Cannot sign as ${who} answered with a redirect, and none is followed`, {
      facts,
      hint: "name the vault's own address in POT_KEY_SOURCE",
    });
  }
  if (last.host !== vaultHost) return refusedByEntra(last, facts);
  const hasToken = exchanges.some(({ host, status }) => host !== vaultHost && status === 200);
  return refusedByVault(last, facts, { ...question, hasToken });
}

function isWithoutCredentials(error: unknown): boolean {
  const { name } = error instanceof Error ? error : { name: "" };
  return name === "CredentialUnavailableError" || name === "AggregateAuthenticationError";
}

function factsOf({ host, status, codes, retryAfter }: AzureExchange): string[] {
  return [
    `asked: ${host}`,
    ...(status === undefined ? [] : [`answer: ${[status, ...codes].join(" ")}`]),
    ...(retryAfter === undefined ? [] : [`retry after: ${retryAfter}`]),
  ];
}

/** Microsoft Entra's numbers for what people get wrong; others are shown as they are. */
const ENTRA_HINTS: Readonly<Record<string, string>> = {
  AADSTS90002: "check AZURE_TENANT_ID: there is no such tenant",
  AADSTS900023: "check AZURE_TENANT_ID: there is no such tenant",
  AADSTS700016: "check AZURE_CLIENT_ID: the tenant has no such application",
  AADSTS7000215: "check AZURE_CLIENT_SECRET: give the secret's value, not its id",
  AADSTS7000222: "make a new client secret and set AZURE_CLIENT_SECRET: this one has expired",
};

function refusedByEntra({ codes }: AzureExchange, facts: readonly string[]): PotError {
  const known = codes.find((code) => Object.hasOwn(ENTRA_HINTS, code));
  return new UsageError("Cannot sign as Microsoft Entra ID refused the credentials", {
    facts,
    hint: known === undefined
      ? "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or the managed identity"
      : ENTRA_HINTS[known]!,
  });
}

function refusedByVault(
  { status, codes }: AzureExchange,
  facts: readonly string[],
  { subject, role, permission, hasToken }: AzureQuestion & { readonly hasToken: boolean },
): PotError {
  if (status === 404) {
    return new UsageError(`Cannot sign as the vault has no such ${subject}, or not that version of it`, {
      facts,
      hint: "check the name in POT_KEY_SOURCE, and whether it was deleted",
    });
  }
  if (status === 403) {
    const [reason, hint] = whyForbidden(codes, { subject, role, permission });
    return new UsageError(`Cannot sign as ${reason}`, { facts, hint });
  }
  if (status === 401) {
    return new UsageError(
      hasToken
        ? "Cannot sign as Azure Key Vault did not take the credentials' token"
        : "Cannot sign as the vault asks for a token of another tenant or of another service",
      { facts, hint: "check that the vault is one of the tenant in AZURE_TENANT_ID, and its address" },
    );
  }
  return new PotError("Cannot sign as Azure Key Vault answered what this version does not know", {
    facts,
    hint: "check the vault's address in POT_KEY_SOURCE",
  });
}

function whyForbidden(
  codes: readonly string[],
  { subject, role, permission }: Pick<AzureQuestion, "subject" | "role" | "permission">,
): readonly [string, string] {
  if (codes.includes("ForbiddenByFirewall") || codes.includes("ForbiddenByConnection")) {
    return [
      "the vault's firewall lets nobody in from here",
      "allow this machine's network in the vault's settings",
    ];
  }
  if (codes.some((code) => code === "SecretDisabled" || code === "KeyDisabled")) {
    return [
      `the ${subject} is disabled`,
      `enable it in the vault, or name another version in POT_KEY_SOURCE`,
    ];
  }
  return [
    `these credentials may not do that with the vault's ${subject}`,
    `give them the role "${role}", or ${permission} in the vault's access policy`,
  ];
}
