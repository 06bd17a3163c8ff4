import type { Verb } from "../lib/access/permissions.ts";

/** What a command asks for: always the same, or by its options; `undefined` where it then changes nothing. */
export type CommandRule = Verb | ((options: Readonly<Record<string, unknown>>) => Verb | undefined);

/** With `--safe` the action is written into a file for somebody else to sign. */
const unlessSafe = (verb: Verb): CommandRule => ({ safe }) => safe === undefined ? verb : undefined;

/**
 * Every command that changes what an installation holds, sends or allows, and the verb it asks for before it runs. A command
 * that stands neither here nor in {@linkcode READING_COMMANDS} fails tests/cli/command_verbs_test.ts.
 */
export const COMMAND_VERBS: Readonly<Record<string, CommandRule>> = {
  "init": "home.init",
  "record checkpoint": "record.append",
  "record validation": "record.append",
  "watch": "record.append",
  "anchor": "anchor.send",
  "upgrade": "anchor.refresh",
  "log import": "log.import",
  "log publish": "log.publish",
  "log cosign": "log.cosign",
  "log index": "log.index",
  "log rebuild": "log.rebuild",
  "log rotate": "log.rotate-key",
  "log backup-key": "log.backup-key",
  "log restore-key": "log.restore-key",
  "chain store": "chain.store",
  "contract deploy": ({ dryRun }) => dryRun === true ? undefined : "contract.deploy",
  "contract verify-source": "contract.publish-source",
  "contract pause": unlessSafe("contract.pause"),
  "contract unpause": unlessSafe("contract.unpause"),
  "contract transfer": unlessSafe("contract.transfer"),
  "contract accept": unlessSafe("contract.accept"),
  "contract retire": unlessSafe("contract.retire"),
  "contract migrate": unlessSafe("contract.migrate"),
  "keys new": "keys.new",
  "keys import": "keys.import",
  "keys rotate": ({ dryRun }) => dryRun === true ? undefined : "keys.rotate",
  // Looks only, unless it is to print the key.
  "keys show": ({ privateKey }) => privateKey === true ? "keys.reveal" : undefined,
  "tokens new": "tokens.new",
  "tokens revoke": "tokens.revoke",
  "tx speed-up": "tx.speed-up",
  "tx cancel": "tx.cancel",
  "pause": "writes.pause",
  "resume": "writes.resume",
  "test": ({ blockchain }) => blockchain === true ? "chain.store" : undefined,
  "backup create": "backup.create",
  "backup verify": "backup.verify",
  "backup restore": ({ apply }) => apply === true ? "backup.restore" : undefined,
  "backup prune": ({ dryRun }) => dryRun === true ? undefined : "backup.prune",
  "jobs run": "jobs.run",
  "alerts acknowledge": "alerts.acknowledge",
  "alerts silence": "alerts.silence",
  "alerts expire": "alerts.silence",
  "alerts test": "alerts.deliver",
  "alerts dead-letters retry": "alerts.deliver",
  "alerts dead-letters drop": "alerts.deliver",
  "up": "daemon.run",
};

/** Commands that change nothing of an installation: they look, or write only files that they were asked for. */
export const READING_COMMANDS: readonly string[] = [
  "prove",
  "export in-toto",
  "export tlog-proof",
  "verify",
  "status",
  "runs",
  "log export",
  "log serve-check",
  "log audit",
  "log keys",
  "chain get",
  "chain verify",
  "contract check",
  "contract artifact",
  "tokens list",
  "tx list",
  "backup list",
  "jobs list",
  "metrics",
  "alerts list",
  "alerts silences",
  "alerts dead-letters list",
  "alerts rules",
  "network list",
  "network test",
  // These two work in a folder of their own.
  "demo",
  "chaos",
];

/** Whether a command line that begins with this word may change anything. */
export function mayChange(word: string): boolean {
  return Object.keys(COMMAND_VERBS).some((path) => path === word || path.startsWith(`${word} `));
}
