import { UnreachableError } from "../core/errors.ts";
import { redactText } from "../core/redact.ts";

/**
 * Packages that most installations never need: they are neither downloaded nor loaded before their first use. Deno fetches at
 * start what deno.json, its lock file or any literal import names, so these are named here alone, by exact version.
 */
export interface OptionalPackages {
  "aws-ssm": typeof import("npm:@aws-sdk/client-ssm@3.1164.0");
  "aws-kms": typeof import("npm:@aws-sdk/client-kms@3.1164.0");
  "azure-identity": typeof import("npm:@azure/identity@4.14.1");
  "azure-secrets": typeof import("npm:@azure/keyvault-secrets@4.12.0");
  "azure-keys": typeof import("npm:@azure/keyvault-keys@4.10.2");
  "slack": typeof import("npm:@slack/web-api@8.2.0");
  "nodemailer": typeof import("npm:nodemailer@10.6.0");
  "aws4fetch": typeof import("npm:aws4fetch@1.0.20");
}

const SPECIFIERS: { readonly [Name in keyof OptionalPackages]: string } = {
  "aws-ssm": "npm:@aws-sdk/client-ssm@3.1164.0",
  "aws-kms": "npm:@aws-sdk/client-kms@3.1164.0",
  "azure-identity": "npm:@azure/identity@4.14.1",
  "azure-secrets": "npm:@azure/keyvault-secrets@4.12.0",
  "azure-keys": "npm:@azure/keyvault-keys@4.10.2",
  "slack": "npm:@slack/web-api@8.2.0",
  "nodemailer": "npm:nodemailer@10.6.0",
  "aws4fetch": "npm:aws4fetch@1.0.20",
};

/**
 * Loads one of them; from the npm registry, where it was never used before.
 *
 * @throws {UnreachableError} when the registry does not give it, and it is not in Deno's cache
 */
export async function loadPackage<Name extends keyof OptionalPackages>(
  name: Name,
): Promise<OptionalPackages[Name]> {
  try {
    return await import(SPECIFIERS[name]);
  } catch (error) {
    throw new UnreachableError("Cannot go on as an optional package could not be loaded", {
      facts: [
        `package: ${SPECIFIERS[name]}`,
        `reason: ${redactText(error instanceof Error ? error.message.split("\n")[0]! : "unknown")}`,
      ],
      hint: `check the way to the npm registry, or fetch it beforehand with: deno cache ${SPECIFIERS[name]}`,
    });
  }
}
