import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";

/** Every command by name, in the order that help shows, each loaded when it is wanted: a start costs what the command itself needs. */
export const COMMANDS: Readonly<Record<string, (context: CliContext) => Promise<AnyCommand>>> = {
  init: async (context) => (await import("./init.ts")).initCommand(context),
  record: async (context) => (await import("./record.ts")).recordCommand(context),
  watch: async (context) => (await import("./watch.ts")).watchCommand(context),
  anchor: async (context) => (await import("./anchor.ts")).anchorCommand(context),
  prove: async (context) => (await import("./prove.ts")).proveCommand(context),
  upgrade: async (context) => (await import("./upgrade.ts")).upgradeCommand(context),
  export: async (context) => (await import("./export.ts")).exportCommand(context),
  verify: async (context) => (await import("./verify.ts")).verifyCommand(context),
  status: async (context) => (await import("./status.ts")).statusCommand(context),
  runs: async (context) => (await import("./runs.ts")).runsCommand(context),
  log: async (context) => (await import("./log.ts")).logCommand(context),
  chain: async (context) => (await import("./chain.ts")).chainCommand(context),
  contract: async (context) => (await import("./contract.ts")).contractCommand(context),
  keys: async (context) => (await import("./keys.ts")).keysCommand(context),
  tokens: async (context) => (await import("./tokens.ts")).tokensCommand(context),
  tx: async (context) => (await import("./tx.ts")).txCommand(context),
  pause: async (context) => (await import("./pause.ts")).pauseCommand(context),
  resume: async (context) => (await import("./resume.ts")).resumeCommand(context),
  network: async (context) => (await import("./network.ts")).networkCommand(context),
  alerts: async (context) => (await import("./alerts.ts")).alertsCommand(context),
  test: async (context) => (await import("./test_command.ts")).testCommand(context),
  jobs: async (context) => (await import("./jobs.ts")).jobsCommand(context),
  up: async (context) => (await import("./up.ts")).upCommand(context),
  demo: async (context) => (await import("./demo.ts")).demoCommand(context),
  chaos: async (context) => (await import("./chaos_command.ts")).chaosCommand(context),
};
