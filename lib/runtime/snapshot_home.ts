import { join } from "node:path";
import { archiveBytes, type ArchiveFile, isArchivePath } from "../backup/archive_file.ts";
import type { BackupFacts, BackupManifest, ChainPosition } from "../backup/backup_manifest.ts";
import type { Snapshot } from "../backup/write_archive.ts";
import { maskLookalikes } from "../core/secret_lookalikes.ts";
import { redactJson } from "../core/redact.ts";
import { createRedactor, type Redactor } from "../core/redactor.ts";
import { toHex } from "../core/hex.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { scanJsonLines } from "../io/scan_json_lines.ts";
import { snapshotLogFiles } from "../log/snapshot_log_files.ts";
import { type Anchor, decodeAnchor } from "../recorder/anchor_line.ts";
import type { Config } from "./config.ts";
import {
  HOME_FILES,
  HOME_FOLDERS,
  type HomeFileKind,
  isUnspoken,
  LATER_FILES,
  MANIFESTS,
  RESTORED_NAMES,
} from "./home_files.ts";
import { findLogKey } from "./log_key.ts";
import { readLogKeyLines } from "./log_key_lines.ts";
import { CONFIG_FILE_NAME, readConfigFile } from "./read_config_file.ts";
import program from "../../deno.json" with { type: "json" };

export interface SnapshotHomeOptions {
  readonly files: FileLayer;
  readonly origin: string;
  readonly nowMs: number;
  /** Where log and state are, where that is not the home folder. @default the home folder */
  readonly exported?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The redacted configuration, beside the home's files in the archive. */
export const CONFIG_COPY = "pot.redacted.json";

/**
 * What a backup of an installation holds, as of one moment, beside whatever runs: log, anchors, ledger, stored hashes, manifests, journals,
 * the daemon's state, access trail, deployments, and the configuration without its secrets. Never a private key or another secret:
 * files are taken by name, and documents that show one are left out.
 */
export async function snapshotHome(
  config: Pick<Config, "home" | "folder" | "logUrl" | "redactor">,
  { files, origin, nowMs, exported, signal }: SnapshotHomeOptions,
): Promise<Snapshot & Disposable> {
  const { home } = config;
  const from = exported ?? home;
  const redactor = config.redactor ?? createRedactor();
  const early: ArchiveFile[] = [];
  const late: ArchiveFile[] = [];
  const leftOut: string[] = [];
  const createdAt = new Date(nowMs).toISOString();
  const taker = { files, redactor, leftOut };
  for (const { name, kind } of HOME_FILES) early.push(...await takeFile(home, name, { kind, ...taker }));
  const journals = HOME_FOLDERS.filter(({ name }) => name === "journal");
  for (const folder of journals) early.push(...await takeFolder(home, folder, taker));

  const log = await snapshotLogFiles(join(from, "log"), { files, origin, signal });
  const keys = await readKeys(home, files);
  for (const { name, kind } of LATER_FILES) late.push(...await takeFile(home, name, { kind, ...taker }));
  for (const folder of HOME_FOLDERS) {
    if (folder.name === "journal") continue;
    late.push(...await takeFolder(folder.name === "state" ? from : home, folder, taker));
  }
  late.push(...await takeDeployments(config.folder, taker));
  late.push(...await takeConfig(config.folder, redactor, files));
  for (const { name } of await files.list(home)) {
    if (!RESTORED_NAMES.includes(name) && !isUnspoken(name)) leftOut.push(name);
  }
  const { chain, anchorCount } = await readPositions(join(home, "anchors.jsonl"), files);
  const checkpoint = log?.checkpoint;
  const facts: BackupFacts = {
    origin,
    createdAt,
    version: program.version,
    store: config.logUrl === undefined ? "files" : "postgresql",
    log: {
      recordCount: log?.recordCount ?? 0,
      size: String(checkpoint?.size ?? 0n),
      ...(checkpoint === undefined ? {} : { root: toHex(checkpoint.root), checkpoint: checkpoint.note }),
    },
    chain,
    anchorCount,
  };
  return {
    facts,
    logKeys: keys,
    leftOut: leftOut.toSorted(),
    async *files() {
      yield* early;
      if (log !== undefined) {
        for await (const file of log.files()) yield { ...file, path: `home/log/${file.path}` };
      }
      yield* late;
      yield* manifests(home, files);
    },
    [Symbol.dispose]: () => log?.[Symbol.dispose](),
  };
}

interface Taker {
  readonly files: FileLayer;
  readonly redactor: Redactor;
  readonly leftOut: string[];
}

async function takeFile(
  folder: string,
  name: string,
  { kind, files, redactor, leftOut, as = name }: Taker & {
    readonly kind: HomeFileKind;
    readonly as?: string;
  },
): Promise<readonly ArchiveFile[]> {
  const path = join(folder, name);
  const to = `home/${as}`;
  if (kind === "lines") {
    const stat = await files.stat(path);
    return stat === undefined ? [] : [upTo(path, to, { sizeBytes: stat.sizeBytes, files })];
  }
  const bytes = await files.read(path);
  if (bytes === undefined) return [];
  if (!showsSecret(bytes, redactor)) return [archiveBytes(to, bytes)];
  leftOut.push(as);
  return [];
}

async function takeFolder(
  home: string,
  { name: folder, files: pattern, kind }: (typeof HOME_FOLDERS)[number],
  taker: Taker,
): Promise<readonly ArchiveFile[]> {
  const taken: ArchiveFile[] = [];
  for (const { name, isFile } of await listSorted(join(home, folder), taker.files)) {
    if (!isFile || name.endsWith(".lock") || /^\..+\.tmp$/.test(name)) continue;
    if (!pattern.test(name)) taker.leftOut.push(`${folder}/${name}`);
    else taken.push(...await takeFile(join(home, folder), name, { ...taker, kind, as: `${folder}/${name}` }));
  }
  return taken;
}

async function takeDeployments(
  folder: string,
  { files, redactor, leftOut }: Taker,
): Promise<readonly ArchiveFile[]> {
  const taken: ArchiveFile[] = [];
  for (const { name, isFile } of await listSorted(join(folder, "deployments"), files)) {
    const path = `deployments/${name}`;
    if (!isFile || !/^[0-9]{1,20}\.json$/.test(name)) continue;
    const bytes = await files.read(join(folder, path));
    if (bytes === undefined) continue;
    if (showsSecret(bytes, redactor)) leftOut.push(path);
    else taken.push(archiveBytes(path, bytes));
  }
  return taken;
}

/** Settings of the file alone, each text redacted; comments are left out, as anything may stand in them. */
async function takeConfig(
  folder: string,
  redactor: Redactor,
  files: FileLayer,
): Promise<readonly ArchiveFile[]> {
  const path = join(folder, CONFIG_FILE_NAME);
  if (await files.stat(path) === undefined) return [];
  const shown = redactJson(await readConfigFile(path), redactor);
  return [archiveBytes(CONFIG_COPY, new TextEncoder().encode(`${JSON.stringify(shown, null, 2)}\n`))];
}

/** Every record names its own beforehand, so that what the log of the snapshot names is there. */
async function* manifests(home: string, files: FileLayer): AsyncGenerator<ArchiveFile, void> {
  const folder = join(home, MANIFESTS.name);
  for (const { name, isFile } of await listSorted(folder, files)) {
    if (!isFile || !MANIFESTS.files.test(name)) continue;
    const bytes = await files.read(join(folder, name));
    if (bytes !== undefined) yield archiveBytes(`home/${MANIFESTS.name}/${name}`, bytes);
  }
}

const CHUNK_BYTES = 256 * 1024;

/** The file's beginning, whatever is appended meanwhile. */
function upTo(
  path: string,
  to: string,
  { sizeBytes, files }: { readonly sizeBytes: number; readonly files: FileLayer },
): ArchiveFile {
  return {
    path: to,
    sizeBytes,
    async *chunks() {
      const file = await files.open(path, { readOnly: true });
      try {
        for (let at = 0; at < sizeBytes;) {
          const chunk = await file.readAt(at, Math.min(CHUNK_BYTES, sizeBytes - at));
          if (chunk.length === 0) return;
          at += chunk.length;
          yield chunk;
        }
      } finally {
        file.close();
      }
    },
  };
}

async function listSorted(folder: string, files: FileLayer) {
  const names = await files.list(folder);
  return names.filter(({ name }) => isArchivePath(name)).toSorted((a, b) => a.name < b.name ? -1 : 1);
}

/** Whether a document holds a secret that is known here, or what looks like anybody's. */
function showsSecret(bytes: Uint8Array, redactor: Redactor): boolean {
  const text = new TextDecoder().decode(bytes);
  return redactor.known(text) !== text || maskLookalikes(text, "[secret]") !== text ||
    text.includes("PRIVATE+KEY+");
}

async function readKeys(home: string, files: FileLayer): Promise<BackupManifest["logKeys"]> {
  const keys = await readLogKeyLines(home, files);
  if (keys.length > 0) {
    return keys.map(({ verifierKey, from, handOver }) => ({
      verifierKey,
      from: String(from),
      ...(handOver === undefined ? {} : { handOver }),
    }));
  }
  const key = await findLogKey(home, { files });
  return key === undefined ? [] : [{ verifierKey: key.verifierKey, from: "0" }];
}

/** The newest anchor of each chain; the last line of an anchor counts. */
async function readPositions(
  path: string,
  files: FileLayer,
): Promise<{ readonly chain: readonly ChainPosition[]; readonly anchorCount: number }> {
  const newest = new Map<string, Anchor>();
  const anchors = new Set<string>();
  for await (const { line, value, problem } of scanJsonLines(path, { files })) {
    if (problem !== undefined) continue;
    const anchor = decodeAnchor(value, `${path}, line ${line}`);
    const { chainId } = anchor.facts;
    anchors.add(`${chainId} ${anchor.size}`);
    const before = newest.get(chainId);
    if (before === undefined || before.size <= anchor.size) newest.set(chainId, anchor);
  }
  const chain = [...newest].map(([chainId, { size, root, facts }]): ChainPosition => {
    const inclusion = facts.kind === "evm" ? facts.inclusion : undefined;
    return {
      chainId,
      size: String(size),
      root: toHex(root),
      state: facts.state,
      ...(facts.kind === "evm" ? { contract: facts.contract } : {}),
      ...(inclusion === undefined ? {} : {
        transactionHash: inclusion.transactionHash,
        blockNumber: String(inclusion.blockNumber),
      }),
    };
  });
  return { chain, anchorCount: anchors.size };
}
