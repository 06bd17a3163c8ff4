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
}

const SPECIFIERS: { readonly [Name in keyof OptionalPackages]: string } = {
  "aws-ssm": "npm:@aws-sdk/client-ssm@3.1164.0",
  "aws-kms": "npm:@aws-sdk/client-kms@3.1164.0",
  "azure-identity": "npm:@azure/identity@4.14.1",
  "azure-secrets": "npm:@azure/keyvault-secrets@4.12.0",
  "azure-keys": "npm:@azure/keyvault-keys@4.10.2",
  "slack": "npm:@slack/web-api@8.2.0",
  "nodemailer": "npm:nodemailer@10.6.0",
};

/** Loads one of them; from the npm registry, where it was never used before. */
export async function loadPackage<Name extends keyof OptionalPackages>(
  name: Name,
): Promise<OptionalPackages[Name]> {
  return await import(SPECIFIERS[name]);
}
