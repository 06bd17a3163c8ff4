import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";

/**
 * By a URL that only run time knows: Deno reads at start whatever an import names or may name, also what is imported later, and that
 * of all commands is half of a start.
 */
async function load<Module>(file: string): Promise<Module> {
  const url = new URL(file, import.meta.url).href;
  return await import(url);
}

/** Every command by name, in the order that help shows, each loaded when it is wanted: a start costs what the command itself needs. */
export const COMMANDS: Readonly<Record<string, (context: CliContext) => Promise<AnyCommand>>> = {
  init: async (context) => (await load<typeof import("./init.ts")>("init.ts")).initCommand(context),
  record: async (context) => (await load<typeof import("./record.ts")>("record.ts")).recordCommand(context),
  watch: async (context) => (await load<typeof import("./watch.ts")>("watch.ts")).watchCommand(context),
  anchor: async (context) => (await load<typeof import("./anchor.ts")>("anchor.ts")).anchorCommand(context),
  prove: async (context) => (await load<typeof import("./prove.ts")>("prove.ts")).proveCommand(context),
  upgrade: async (context) =>
    (await load<typeof import("./upgrade.ts")>("upgrade.ts")).upgradeCommand(context),
  export: async (context) => (await load<typeof import("./export.ts")>("export.ts")).exportCommand(context),
  verify: async (context) => (await load<typeof import("./verify.ts")>("verify.ts")).verifyCommand(context),
  status: async (context) => (await load<typeof import("./status.ts")>("status.ts")).statusCommand(context),
  runs: async (context) => (await load<typeof import("./runs.ts")>("runs.ts")).runsCommand(context),
  log: async (context) => (await load<typeof import("./log.ts")>("log.ts")).logCommand(context),
  chain: async (context) => (await load<typeof import("./chain.ts")>("chain.ts")).chainCommand(context),
  contract: async (context) =>
    (await load<typeof import("./contract.ts")>("contract.ts")).contractCommand(context),
  keys: async (context) => (await load<typeof import("./keys.ts")>("keys.ts")).keysCommand(context),
  tokens: async (context) => (await load<typeof import("./tokens.ts")>("tokens.ts")).tokensCommand(context),
  tx: async (context) => (await load<typeof import("./tx.ts")>("tx.ts")).txCommand(context),
  pause: async (context) => (await load<typeof import("./pause.ts")>("pause.ts")).pauseCommand(context),
  resume: async (context) => (await load<typeof import("./resume.ts")>("resume.ts")).resumeCommand(context),
  network: async (context) =>
    (await load<typeof import("./network.ts")>("network.ts")).networkCommand(context),
  alerts: async (context) => (await load<typeof import("./alerts.ts")>("alerts.ts")).alertsCommand(context),
  backup: async (context) => (await import("./backup.ts")).backupCommand(context),
  test: async (context) =>
    (await load<typeof import("./test_command.ts")>("test_command.ts")).testCommand(context),
  jobs: async (context) => (await load<typeof import("./jobs.ts")>("jobs.ts")).jobsCommand(context),
  metrics: async (context) => (await import("./metrics.ts")).metricsCommand(context),
  up: async (context) => (await load<typeof import("./up.ts")>("up.ts")).upCommand(context),
  demo: async (context) => (await load<typeof import("./demo.ts")>("demo.ts")).demoCommand(context),
  chaos: async (context) =>
    (await load<typeof import("./chaos_command.ts")>("chaos_command.ts")).chaosCommand(context),
};
