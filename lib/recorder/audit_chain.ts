import { dirname, join } from "node:path";
import { ChainError } from "../chain/chain_error.ts";
import type { EndpointPool } from "../chain/endpoint_pool.ts";
import { pinFinalizedBlock, type PinnedBlock } from "../chain/pin_block.ts";
import { UnreachableError, UsageError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { LockHeldError } from "../io/lock_held_error.ts";
import { scanJsonLines } from "../io/scan_json_lines.ts";
import type { CommittedHead, HeadOutcome } from "../log/audit_heads.ts";
import type { AuditedAnchor } from "./audit_anchors.ts";
import type { AuditContext } from "./audit_context.ts";
import { compareAnchors, type ContractAnchors, readContractAnchors } from "./audit_contract.ts";
import { compareStoredHashes } from "./audit_contract_hashes.ts";
import { type AuditedStored, readNote } from "./audit_stored.ts";
import { openHeadsUnderWay } from "./heads_under_way.ts";

/** The chain that an audit asks. */
export interface AuditedChain {
  readonly endpoints: Pick<EndpointPool, "read">;
  /** CAIP-2. */
  readonly chainId: string;
  /** The contract that is written to now, if any. */
  readonly contract?: `0x${string}`;
  /** The block of its deployment, where that is known. */
  readonly fromBlock?: bigint;
  /** The account that signs now, if its key is here. */
  readonly account?: string;
  /** Ask at this block. @default the newest final one */
  readonly block?: bigint;
}

/** The files that say what was written to the chain. */
export interface ChainFiles {
  readonly anchorsPath: string;
  readonly anchorsEnd: number;
  readonly storedPath: string;
  readonly storedEnd: number;
}

/** What the contracts say, asked step by step. */
export interface ChainAudit {
  /** The one block that everything is asked at; `undefined` where none could be had. */
  readonly block: PinnedBlock | undefined;
  /** Reads the anchors of our accounts from every contract that was written to; answers with how many there are. */
  readAnchors(noted: readonly AuditedAnchor[], scopes: ReadonlySet<string>): Promise<number>;
  /** What the log has to be held against, beside what is noted here. */
  heads(): readonly CommittedHead[];
  /** Holds what is noted here against the contracts, both ways; answers with how many hashes they hold of ours. */
  compare(options: CompareChainOptions): Promise<number>;
}

export interface CompareChainOptions {
  readonly paths: ChainFiles;
  readonly noted: readonly AuditedAnchor[];
  readonly outcomes: ReadonlyMap<CommittedHead, HeadOutcome>;
  readonly stored: AuditedStored;
  readonly find: (id: string) => Promise<number | undefined>;
}

/** Takes the block: call it before the log is looked at, so that the log has whatever was anchored by then. */
export async function startChainAudit(chain: AuditedChain, context: AuditContext): Promise<ChainAudit> {
  const { endpoints, chainId, block: number } = chain;
  const { unknown, notes, signal } = context;
  const read = signal === undefined ? {} : { signal };

  /** An outage is no mismatch: it is told, and the rest goes on. */
  async function tryTo<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof UnreachableError || error instanceof ChainError)) throw error;
      unknown.push(`${what}: ${error.message}`);
      return undefined;
    }
  }

  const block = await tryTo("what the contract holds", () => pin());
  const contracts: ContractAnchors[] = [];

  async function pin(): Promise<PinnedBlock> {
    try {
      return await pinFinalizedBlock(endpoints, { ...read, ...(number === undefined ? {} : { number }) });
    } catch (error) {
      // A young chain has no final block yet, which nobody asked for by number.
      if (number !== undefined || !(error instanceof UsageError) || !/has none yet/.test(error.message)) {
        throw error;
      }
      throw new UnreachableError(error.message);
    }
  }

  return {
    block,
    async readAnchors(noted, scopes) {
      if (block === undefined) return 0;
      const elsewhere = noted.filter((anchor) => anchor.evm !== undefined && anchor.chainId !== chainId);
      for (const [id, anchors] of Map.groupBy(elsewhere, (anchor) => anchor.chainId)) {
        notes.push(
          `${anchors.length} of the anchors noted here are on ${id}, which is not configured: they were not looked for`,
        );
      }
      for (const contract of contractsOf(chain, noted, scopes)) {
        const own = noted.filter((anchor) => anchor.chainId === chainId && anchor.evm?.contract === contract);
        const found = await tryTo(`the anchors in ${contract}`, () =>
          readContractAnchors({
            endpoints,
            contract,
            block,
            submitters: submittersOf(chain, own),
            noted: own,
            ...(isSame(contract, chain.contract) && chain.fromBlock !== undefined
              ? { fromBlock: chain.fromBlock }
              : {}),
          }, context));
        if (found !== undefined) contracts.push(found);
      }
      return contracts.reduce((sum, { anchors }) => sum + anchors.length, 0);
    },

    heads: () => contracts.flatMap(({ anchors }) => anchors),

    async compare({ paths, noted, outcomes, stored, find }) {
      let hashCount = 0;
      for (const found of contracts) {
        const { contract } = found;
        const own = noted.filter(({ chainId: id, evm }) => id === chainId && evm?.contract === contract);
        const later = await readLater(`${chainId} ${contract}`, paths, context);
        compareAnchors(found, {
          block: block!,
          noted: own,
          outcomeOf: (anchor) => outcomes.get(anchor),
          isUnderWay: ({ size, root }) => later.isAnchoring || later.anchors.has(`${size} ${root.toHex()}`),
        }, context);
        const scope = `${chainId} ${contract}`;
        const highest = stored.highest(scope);
        hashCount += await tryTo(`the hashes in ${contract}`, () =>
          compareStoredHashes(found, {
            endpoints,
            block: block!,
            scope,
            submitters: submittersOf(chain, own),
            stored,
            find,
            isUnderWay: (id, index) => later.stored.has(id) || (later.isAnchoring && index > highest),
          }, context)) ?? 0;
      }
      return hashCount;
    },
  };
}

function isSame(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

/** Every contract on that chain that something was written to from here, the configured one first. */
function contractsOf(
  { chainId, contract }: AuditedChain,
  noted: readonly AuditedAnchor[],
  scopes: ReadonlySet<string>,
): readonly `0x${string}`[] {
  const anchored = noted.filter((anchor) => anchor.chainId === chainId).flatMap(({ evm }) =>
    evm?.contract ?? []
  );
  const stored = [...scopes].filter((scope) => scope.startsWith(`${chainId} `)).map((scope) =>
    scope.split(" ")[1]!
  );
  const all = [...(contract === undefined ? [] : [contract]), ...anchored, ...stored];
  return [...new Set(all.map((address) => address.toLowerCase()))] as `0x${string}`[];
}

/** Every account that wrote from here, in lowercase. */
function submittersOf({ account }: AuditedChain, noted: readonly AuditedAnchor[]): readonly string[] {
  const all = [...(account === undefined ? [] : [account]), ...noted.map(({ submitter }) => submitter)];
  return [...new Set(all.map((address) => address.toLowerCase()))];
}

/** What was noted since the audit began, and whether somebody is about to note more. */
interface Later {
  readonly isAnchoring: boolean;
  /** `<size> <root>` */
  readonly anchors: ReadonlySet<string>;
  /** Transaction ids. */
  readonly stored: ReadonlySet<string>;
}

/** In this order: whoever lets go of the lock before one looks has noted what there was to note. */
async function readLater(
  scope: string,
  { anchorsPath, anchorsEnd, storedPath, storedEnd }: ChainFiles,
  { files }: AuditContext,
): Promise<Later> {
  const folder = dirname(anchorsPath);
  const isAnchoring = await isHeld(join(folder, "anchoring.lock"), files);
  const anchors = new Set<string>();
  const underWay = await openHeadsUnderWay(join(folder, "anchoring.json"), { files }).list(scope);
  for (const { size, root } of underWay) anchors.add(`${size} ${root.toHex()}`);
  for await (
    const { value } of scanJsonLines(anchorsPath, { files, from: { offset: anchorsEnd, line: 1 } })
  ) {
    const { size, root } = (value ?? {}) as { readonly size?: unknown; readonly root?: unknown };
    anchors.add(`${size} ${root}`);
  }
  const stored = new Set<string>();
  for await (const { value } of scanJsonLines(storedPath, { files, from: { offset: storedEnd, line: 1 } })) {
    const note = readNote(value);
    if (note !== undefined) stored.add(note.transactionId);
  }
  return { isAnchoring, anchors, stored };
}

async function isHeld(path: string, files: FileLayer): Promise<boolean> {
  // Taking it would make it, and an audit makes nothing.
  if (await files.stat(path) === undefined) return false;
  try {
    (await files.lock(path, { failIfHeld: true })).release();
    return false;
  } catch (error) {
    if (error instanceof LockHeldError) return true;
    // Of a disk that takes no writes nobody is about to write.
    if (error instanceof Deno.errors.PermissionDenied) return false;
    if (error instanceof Error && /read-only/i.test(error.message)) return false;
    throw error;
  }
}
