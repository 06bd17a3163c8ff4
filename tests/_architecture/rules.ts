/**
 * Which folder may import which. A zone is a folder, or a file at the root; every source file must be in one.
 */

/** From left to right: a zone may import itself and every step to its left. Zones of one step never import each other. */
export const order: readonly (readonly string[])[] = [
  ["lib/core"],
  ["lib/verify"],
  ["lib/io"],
  ["lib/keys", "lib/log", "lib/chain", "lib/alerts", "lib/backup", "lib/access"],
  ["lib/recorder"],
  ["lib/server"],
  ["lib/runtime"],
  ["jobs"],
  ["cli"],
];

/** Zones outside the order, and all that they may import beside themselves. `lib` stands for every folder of it. */
export const others: Readonly<Record<string, readonly string[]>> = {
  "contracts": [],
  "links/cliffy-command": [],
  "links/std-cli": [],
  "links/std-fs": [],
  "deno.json": [],
  "mod.ts": ["lib", "contracts"],
  "deploy.ts": ["lib", "contracts", "mod.ts", "jobs", "cli", "deno.json"],
  "bench": ["lib", "contracts", "mod.ts", "jobs", "cli", "deno.json", "deploy.ts", "tests"],
  "tests": ["lib", "contracts", "mod.ts", "jobs", "cli", "deno.json", "deploy.ts", "bench", "links"],
};

/** Single files that may be imported from more zones than theirs: by this zone and every step to its right. */
export const sharedFiles: Readonly<Record<string, string>> = {
  "contracts/artifact.ts": "lib/chain",
  "contracts/standard_json.ts": "lib/chain",
  // The package's name and version.
  "deno.json": "lib/server",
};

/** Zones for browsers and plain functions: no `Deno`, no `node:` module. */
export const pureZones: readonly string[] = ["lib/core", "lib/verify"];

/** The only files that may end the process. */
export const exitFiles: readonly string[] = ["cli/main.ts", "jobs/main.ts", "deploy.ts"];

/**
 * Zones that may end the process and import what only run time knows: what runs by itself, and the stand-in for
 * Cliffy, which ends the process where the real package does.
 */
export const unrestrictedZones: readonly string[] = ["tests", "bench", "links/cliffy-command"];

/** Modules that import by names made at run time, so that Deno neither fetches nor reads what this start does not need. */
export const lazyImportFiles: readonly string[] = ["lib/io/load_package.ts", "cli/commands.ts"];

/** What the package calls its own modules. */
export const selfImports: Readonly<Record<string, string>> = {
  "@pot/ops": "mod.ts",
  "@pot/ops/cli": "cli/main.ts",
};
