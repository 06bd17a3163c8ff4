import { parseArgs } from "@std/cli/parse-args";
import { runHere } from "./cli/main.ts";
import { formatError } from "./cli/output.ts";
import { UsageError } from "./lib/core/errors.ts";

const USAGE =
  `deno task deploy --network <name> [--dry-run] [--yes] [--owner <address>] [--create] [--force] [--json]

Deploys the ProofOfTraining contract, once, and writes deployments/<chainId>.json.
Reads RPC_URL, CHAIN_ID and PRIVATE_KEY (or POT_KEYSTORE) like pot itself; the same as: pot contract deploy
`;

/** Checks the arguments, and deploys as the command line does. */
async function main(args: readonly string[]): Promise<number> {
  const { help } = parseArgs([...args], {
    string: ["network", "owner", "config", "home"],
    boolean: ["dry-run", "yes", "y", "create", "force", "json", "help"],
    unknown: (name) => {
      throw new UsageError(`Cannot deploy as ${name} is no option`, { hint: USAGE.split("\n")[0]! });
    },
  });
  if (!help) return await runHere(["contract", "deploy", ...args]);
  console.log(USAGE);
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(formatError(error, { isJson: false }).trimEnd());
    Deno.exit(error.exitCode);
  }
}
