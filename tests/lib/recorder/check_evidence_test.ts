import assert from "node:assert/strict";
import { nextAnchorHead, NO_HEAD } from "../../../lib/chain/anchor_heads.ts";
import type { StoredHash } from "../../../lib/chain/chain_client.ts";
import { hashTopic } from "../../../lib/chain/contract_events.ts";
import { checkEvidence, findTrustedAnchors } from "../../../lib/recorder/check_evidence.ts";
import type {
  AnchorFrame,
  EvidenceEvent,
  PlacedAnchored,
  PlacedHashStored,
} from "../../../lib/recorder/rebuild_frames.ts";

type Hex = `0x${string}`;
const ALICE = `0x${"A1".repeat(20)}` as const;
const BOB = `0x${"B0".repeat(20)}` as const;
const word = (value: number | bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

/** What a contract holds, and what its endpoints tell of it. */
interface Told {
  events: EvidenceEvent[];
  hashes: { id: bigint; stored: StoredHash | null }[];
  frames: AnchorFrame[];
  count: bigint;
  heads: Record<string, Hex>;
}

function anchors(submitter: Hex, sizes: readonly bigint[], previous: Hex = NO_HEAD) {
  const events: PlacedAnchored[] = [];
  for (const size of sizes) {
    const event: PlacedAnchored = {
      kind: "anchor",
      submitter,
      size,
      root: word(size),
      previous,
      transactionHash: word(size),
      blockNumber: 100n + size,
      blockHash: word(100n + size),
    };
    events.push(event);
    previous = nextAnchorHead(event, event.blockNumber);
  }
  return { events, head: previous };
}

/** Five stored hashes and Alice's three anchors, all of it true. */
function truth(): Told {
  const hashes = [1n, 2n, 3n, 4n, 5n].map((id) => ({
    id,
    stored: {
      transactionId: String(id),
      hash: word(id).slice(2),
      metadata: "{}",
      timestamp: 1_000 + Number(id),
      blockNumber: 10n + id,
      submitter: id % 2n === 0n ? BOB : ALICE,
    },
  }));
  const events = hashes.map(({ id, stored }): PlacedHashStored => ({
    kind: "hash",
    transactionId: id,
    hashTopic: hashTopic(stored.hash),
    submitter: stored.submitter,
    timestamp: stored.timestamp,
    blockNumber: stored.blockNumber,
    transactionHash: word(id),
  }));
  const { events: anchored, head } = anchors(ALICE, [2n, 3n, 5n]);
  return {
    events: [...events, ...anchored],
    hashes,
    frames: anchored.map((_, at) => ({ type: "anchor", at: BigInt(at) })),
    count: 5n,
    heads: { [ALICE]: head, [BOB]: NO_HEAD },
  };
}

async function check(told: Told, options: { earlier?: Told; submitters?: readonly Hex[] } = {}) {
  const progressOf = ({ events, hashes, frames }: Told) => ({
    events: () => stream(events),
    hashes: () => stream(hashes),
    facts: () => stream(frames),
  });
  const headOf = ({ heads }: Told) => (submitter: Hex) => Promise.resolve(heads[submitter] ?? NO_HEAD);
  const { earlier: before, submitters } = options;
  const earlier = before && await findTrustedAnchors(progressOf(before), { headOf: headOf(before) });
  const progress = progressOf(told);
  const trusted = await findTrustedAnchors(progress, {
    headOf: headOf(told),
    earlier,
    ...(submitters && { submitters }),
  });
  const findings: string[] = [];
  const items: string[] = [];
  for await (
    const item of checkEvidence(progress, {
      count: told.count,
      trusted,
      onFinding: ({ severity, subject, detail }) => findings.push(`${severity} ${subject}: ${detail}`),
    })
  ) items.push(item.kind === "hash" ? `hash ${item.stored.transactionId}` : `anchor ${item.event.size}`);
  return { items, findings };
}

async function* stream<Item>(items: readonly Item[]): AsyncGenerator<Item, void> {
  yield* items;
}

const ALL = ["hash 1", "hash 2", "hash 3", "hash 4", "hash 5", "anchor 2", "anchor 3", "anchor 5"];
const without = (...items: readonly string[]) => ALL.filter((item) => !items.includes(item));

Deno.test("checkEvidence() passes what agrees", async () => {
  assert.deepEqual(await check(truth()), { items: ALL, findings: [] });
});

/** Each way in which an endpoint may lie or be incomplete: what becomes of it. */
const LIES: Readonly<Record<string, { lie: (told: Told) => void; lost: readonly string[]; says: RegExp[] }>> =
  {
    "another hash": {
      lie: ({ hashes }) => hashes[1] = { id: 2n, stored: { ...hashes[1]!.stored!, hash: "f".repeat(64) } },
      lost: ["hash 2"],
      says: [/stored hash 2: what the contract holds differs from its event in hash$/],
    },
    "another submitter, time and block": {
      lie: ({ hashes }) =>
        hashes[1] = {
          id: 2n,
          stored: { ...hashes[1]!.stored!, submitter: ALICE, timestamp: 1, blockNumber: 1n },
        },
      lost: ["hash 2"],
      says: [
        /stored hash 2: what the contract holds differs from its event in submitter, time, block number$/,
      ],
    },
    "an event of nothing": {
      lie: ({ hashes }) => hashes[2] = { id: 3n, stored: null },
      lost: ["hash 3"],
      says: [/stored hash 3: there is an event, but the contract holds nothing under that id/],
    },
    "a hidden event": {
      lie: ({ events, hashes }) => (events.splice(2, 1), hashes.splice(2, 1)),
      lost: ["hash 3"],
      says: [/stored hash 3: the contract holds it, but no endpoint shows the event/],
    },
    "hidden events at the end": {
      lie: ({ events, hashes }) => (events.splice(3, 2), hashes.splice(3, 2)),
      lost: ["hash 4", "hash 5"],
      says: [/stored hashes 4 to 5: the contract holds it/],
    },
    "an event told twice": {
      lie: ({ events }) =>
        events.splice(3, 0, { ...events[1] as PlacedHashStored, transactionHash: word(99) }),
      lost: [],
      says: [/stored hash 2: an event says that it was stored a second time, in 0x0+63$/],
    },
    "an event beyond the end": {
      lie: (told) => told.count = 4n,
      lost: ["hash 5"],
      says: [/stored hash 5: there is an event, but the contract holds 4$/],
    },
    "another root": {
      lie: ({ events }) => events[6] = { ...events[6] as PlacedAnchored, root: word(66) },
      lost: ["anchor 3", "anchor 2"],
      says: [
        /anchor of size 2 by 0xA1.*: the contract's chain of heads does not lead to it/,
        /anchor of size 3 by/,
        /anchors by 0xA1.*: the contract commits to an anchor of size 3 whose event no endpoint shows/,
      ],
    },
    "another block": {
      lie: ({ events }) => events[7] = { ...events[7] as PlacedAnchored, blockNumber: 1n },
      lost: ["anchor 2", "anchor 3", "anchor 5"],
      says: [/size 2/, /size 3/, /size 5/, /commits to an anchor of size 5/],
    },
    "a hidden anchor in the middle": {
      lie: ({ events, frames }) => (events.splice(6, 1), frames.pop()),
      lost: ["anchor 3", "anchor 2"],
      says: [/anchor of size 2 by/, /commits to an anchor of size 3/],
    },
    "a hidden first anchor": {
      lie: ({ events, frames }) => (events.splice(5, 1), frames.pop()),
      lost: ["anchor 2"],
      says: [/commits to an anchor of size 2/],
    },
    "all anchors hidden": {
      lie: (told) => (told.events.splice(5), told.frames.splice(0)),
      lost: ["anchor 2", "anchor 3", "anchor 5"],
      says: [/commits to an anchor of size 5/],
    },
    "a false anchor": {
      lie: ({ events, frames }) => {
        events.splice(7, 0, ...anchors(ALICE, [4n]).events);
        frames.push({ type: "anchor", at: 3n });
      },
      lost: [],
      says: [/anchor of size 4 by 0xA1.*: the contract's chain of heads does not lead to it/],
    },
    "somebody's false anchor": {
      lie: ({ events, frames }) => {
        events.push(...anchors(BOB, [4n]).events);
        frames.push({ type: "anchor", at: 3n });
      },
      lost: [],
      says: [/anchor of size 4 by 0xB0/],
    },
  };

Deno.test("checkEvidence() names every lie, and passes only what is true all the same", async () => {
  for (const [name, { lie, lost, says }] of Object.entries(LIES)) {
    const told = truth();
    lie(told);
    const { items, findings } = await check(told);
    assert.deepEqual(items, without(...lost), name);
    assert.equal(findings.length, says.length, `${name}: ${findings.join("\n")}`);
    for (const [i, pattern] of says.entries()) {
      assert.match(findings[i]!, pattern, name);
      assert.match(findings[i]!, /^mismatch /, name);
    }
  }
});

Deno.test("checkEvidence() asks about who is named, even where no event shows them", async () => {
  const told = truth();
  const carol: Hex = `0x${"CA".repeat(20)}`;
  told.heads[carol] = anchors(carol, [9n]).head;
  assert.deepEqual((await check(told)).findings, []);
  const { findings } = await check(told, { submitters: [carol] });
  assert.match(findings.join(), /^mismatch anchors by 0xCA.*: the contract commits to an anchor of size 9/);
});

Deno.test("checkEvidence() takes the parent chain's block number where contracts see that", async () => {
  const told = truth();
  for (const [i, event] of told.events.entries()) {
    if (event.kind !== "anchor") continue;
    told.events[i] = { ...event, blockNumber: 9_000n + event.size };
    told.frames[i - 5] = { ...told.frames[i - 5]!, evmBlockNumber: event.blockNumber };
  }
  assert.deepEqual(await check(told), { items: ALL, findings: [] });
});

Deno.test("checkEvidence() lets heads continue from the predecessor's, and from nothing else", async () => {
  const earlier = truth();
  const goOn = (previous: Hex): Told => {
    const { events, head } = anchors(ALICE, [7n, 8n], previous);
    const frames: AnchorFrame[] = [{ type: "anchor", at: 0n }, { type: "anchor", at: 1n }];
    return { events, hashes: [], frames, count: 0n, heads: { [ALICE]: head } };
  };
  const told = goOn(earlier.heads[ALICE]!);
  assert.deepEqual(await check(told, { earlier }), { items: ["anchor 7", "anchor 8"], findings: [] });
  // One that anchored in the old contract for a while longer, before that was retired.
  const middle = (earlier.events[7] as PlacedAnchored).previous;
  assert.deepEqual((await check(goOn(middle), { earlier })).findings, []);

  const strange = goOn(word((6n << 192n) + 1n));
  assert.match((await check(strange, { earlier })).findings.join(), /commits to an anchor of size 6/);
  assert.match((await check(told)).findings.join(), /commits to an anchor of size 5/);
  // Who has not anchored here yet is told with the old head.
  const none: Told = { events: [], hashes: [], frames: [], count: 0n, heads: earlier.heads };
  assert.deepEqual((await check(none, { earlier, submitters: [ALICE] })).findings, []);
});
