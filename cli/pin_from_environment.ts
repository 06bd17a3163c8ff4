import { resolve } from "node:path";
import type { CliContext } from "./cli_context.ts";

/**
 * Trusts the authorities of POT_CA_FILE alone, where it is set: for commands that ask an address from the command line and
 * read no configuration, which would see to it. Before the first connection.
 */
export async function pinFromEnvironment({ env, folder }: Pick<CliContext, "env" | "folder">): Promise<void> {
  const file = env["POT_CA_FILE"] ?? "";
  if (file === "") return;
  const { pinCertificates } = await import("../lib/runtime/pin_certificates.ts");
  await pinCertificates(resolve(folder, file));
}
