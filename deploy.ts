import { parseArgs } from "@std/cli/parse-args";
import { deployLines } from "./cli/contract_deploy.ts";
import { formatError } from "./cli/output.ts";
import { PotError, UsageError } from "./lib/core/errors.ts";
import { deploy } from "./lib/runtime/deploy.ts";
import { parseConfig } from "./lib/runtime/parse_config.ts";
import { findConfigFile, readConfigFile } from "./lib/runtime/read_config_file.ts";
import { dirname } from "node:path";

const USAGE = `deno task deploy --network <name> [--owner <address>] [--force]

Deploys the ProofOfTraining contract, once, and writes deployments/<chainId>.json.
Reads RPC_URL, CHAIN_ID and PRIVATE_KEY like pot itself; the same as: pot contract deploy
`;

/** Parses the arguments, deploys, and says what was done. */
async function main(args: readonly string[]): Promise<void> {
  const options = parseArgs([...args], {
    string: ["network", "owner"],
    boolean: ["force", "help"],
    unknown: (name) => {
      throw new UsageError(`Cannot deploy as ${name} is no option`, { hint: USAGE.split("\n")[0]! });
    },
  });
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const { network, owner, force } = options;
  if (owner !== undefined && !/^0x[0-9a-fA-F]{40}$/.test(owner)) {
    throw new UsageError("Cannot deploy as --owner must be 0x and 40 hex characters", {
      facts: [`--owner: ${JSON.stringify(owner.slice(0, 42))}`],
      hint: "leave it out: the deploying account is the owner then",
    });
  }
  const file = await findConfigFile(Deno.cwd());
  const config = parseConfig({
    folder: file === undefined ? Deno.cwd() : dirname(file),
    flags: { chain: "evm", ...(network === undefined ? {} : { network }) },
    env: Deno.env.toObject(),
    ...(file === undefined ? {} : { file: await readConfigFile(file) }),
  });
  const result = await deploy(config, {
    force,
    ...(owner === undefined ? {} : { owner: owner as `0x${string}` }),
  });
  for (const line of deployLines(result)) console.log(line);
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(
      formatError(error, { isJson: false, secrets: [Deno.env.get("PRIVATE_KEY") ?? ""] }).trimEnd(),
    );
    Deno.exit(error instanceof PotError ? error.exitCode : 1);
  }
}
