import type { Role } from "./roles.ts";

/** What one verb asks for. */
export interface Permission {
  /** The least role that may. */
  readonly role: Role;
  /** What it does, as a sentence. */
  readonly does: string;
  /**
   * Done so often, and such evidence of itself, that the audit trail takes it once an hour for each principal; refusals
   * are noted like any other. @default false
   */
  readonly isFrequent?: true;
}

/**
 * Every verb that changes anything, and the least role that may: the one table that library, command line and server go
 * by. What only reads has no row, and no role is asked for it. docs/security.md shows the same.
 */
export const PERMISSIONS = {
  "record.append": {
    role: "recorder",
    does: "Append a record to the log.",
    isFrequent: true,
  },
  "document.put": {
    role: "recorder",
    does: "Keep a manifest or a list of tensors that a record names.",
    isFrequent: true,
  },
  "anchor.refresh": {
    role: "recorder",
    does: "Keep what the chain says by now of anchors that were sent.",
    isFrequent: true,
  },
  "anchor.send": { role: "operator", does: "Commit the log's head to the chain or to the local ledger." },
  "chain.store": { role: "operator", does: "Store a single hash with the contract or in the local ledger." },
  "tx.speed-up": { role: "operator", does: "Replace a transaction that waits by a dearer one." },
  "tx.cancel": { role: "operator", does: "Take the nonce of a transaction that waits, without effect." },
  "writes.pause": { role: "operator", does: "Stop all writes to the chain from this host." },
  "writes.resume": { role: "operator", does: "Let this host write to the chain again." },
  "log.checkpoint": { role: "operator", does: "Sign and publish a checkpoint over the log." },
  "log.cosign": { role: "operator", does: "Add the signatures of a witness to the published checkpoint." },
  "log.publish": { role: "operator", does: "Copy the log's public files to where they are served." },
  "log.index": { role: "operator", does: "Derive the log's index again from its records." },
  "backup.create": { role: "operator", does: "Make a backup and write it to the configured targets." },
  "backup.verify": { role: "operator", does: "Read a backup back and mark it as verified, or not." },
  "jobs.run": { role: "operator", does: "Run a scheduled job now." },
  "alerts.acknowledge": { role: "operator", does: "Take care of an alert, so that it is not escalated." },
  "alerts.silence": { role: "operator", does: "Keep alerts from being told for a while, or end that." },
  "alerts.deliver": {
    role: "operator",
    does: "Send a test alert; send again, or forget, what could not be delivered.",
  },
  "daemon.run": { role: "operator", does: "Run the daemon: its jobs and the status server." },
  "backup.restore": { role: "admin", does: "Put a backup in the place of the state that is here." },
  "backup.prune": { role: "admin", does: "Remove the backups that the rule does not keep." },
  "log.import": { role: "admin", does: "Take over another log, or the records of the prototype." },
  "log.rebuild": { role: "admin", does: "Rebuild a lost home from what is published and on the chain." },
  "log.rotate-key": { role: "admin", does: "Replace the key that signs the log." },
  "log.backup-key": { role: "admin", does: "Write the log's private key into an encrypted file." },
  "log.restore-key": { role: "admin", does: "Put a log key from a backup in place." },
  "keys.new": { role: "admin", does: "Make an account, or encrypt the one in the environment." },
  "keys.import": { role: "admin", does: "Encrypt a key that exists already into a keystore." },
  "keys.reveal": { role: "admin", does: "Print the private key of the signing account." },
  "keys.rotate": { role: "admin", does: "Put another signing key in the place of the one in force." },
  "contract.deploy": { role: "admin", does: "Deploy the contract." },
  "contract.publish-source": { role: "admin", does: "Hand the contract's source to an explorer." },
  "contract.pause": { role: "admin", does: "Stop all writes to the contract, everybody's." },
  "contract.unpause": { role: "admin", does: "Let writes to the contract go on." },
  "contract.transfer": { role: "admin", does: "Offer the contract to another owner." },
  "contract.accept": { role: "admin", does: "Take over a contract that was offered." },
  "contract.retire": { role: "admin", does: "Take the contract out of use in favour of another one." },
  "contract.migrate": { role: "admin", does: "Put a new contract in the place of the one in use." },
  "tokens.new": { role: "admin", does: "Make an access token." },
  "tokens.revoke": { role: "admin", does: "End an access token before its time." },
  "home.init": { role: "admin", does: "Start an installation: its configuration and the log's key." },
} as const satisfies Readonly<Record<string, Permission>>;

/** Something that changes what an installation holds, sends or allows. */
export type Verb = keyof typeof PERMISSIONS;

/** What that verb asks for. */
export function permissionOf(verb: Verb): Permission {
  return PERMISSIONS[verb];
}
