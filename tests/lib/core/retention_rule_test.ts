import assert from "node:assert/strict";
import {
  decideRetention,
  parseRetentionRule,
  type RetainedItem,
  type RetentionRule,
} from "../../../lib/core/retention_rule.ts";
import { seededRandom } from "../../../cli/chaos/seeded_random.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2023-12-20T00:00:00.000Z");

/** The ISO week of a moment, counted by days from a Monday that is known. */
const MONDAY_MS = Date.parse("2018-01-01T00:00:00.000Z");

const BUCKETS: Readonly<Record<string, (at: Date) => string>> = {
  hourly: (at) => `${at.getUTCFullYear()}-${at.getUTCMonth()}-${at.getUTCDate()}-${at.getUTCHours()}`,
  daily: (at) => `${at.getUTCFullYear()}-${at.getUTCMonth()}-${at.getUTCDate()}`,
  weekly: (at) => String(Math.floor((at.getTime() - MONDAY_MS) / (7 * DAY_MS))),
  monthly: (at) => `${at.getUTCFullYear()}-${at.getUTCMonth()}`,
  yearly: (at) => String(at.getUTCFullYear()),
};

/** Each backup by itself: how many newer ones, or newer periods, are there? */
function naivelyKept(items: readonly RetainedItem[], rule: RetentionRule): ReadonlySet<string> {
  const kept = new Set<string>();
  const isNewer = (a: RetainedItem, b: RetainedItem) => a.atMs > b.atMs || (a.atMs === b.atMs && a.id > b.id);
  const verified = items.filter(({ isVerified }) => isVerified);
  for (const item of items) {
    const isAll = Object.keys(rule).length === 0 || verified.length === 0;
    if (isAll) {
      kept.add(item.id);
      continue;
    }
    const newer = verified.filter((other) => isNewer(other, item));
    if (!item.isVerified) {
      if (!verified.some((other) => other.atMs > item.atMs)) kept.add(item.id);
      continue;
    }
    if (newer.length === 0 || newer.length < (rule.last ?? 0)) kept.add(item.id);
    for (const [name, bucketOf] of Object.entries(BUCKETS)) {
      const own = bucketOf(new Date(item.atMs));
      const buckets = new Set(newer.map(({ atMs }) => bucketOf(new Date(atMs))));
      if (!buckets.has(own) && buckets.size < (rule[name as keyof RetentionRule] ?? 0)) kept.add(item.id);
    }
  }
  return kept;
}

Deno.test("decideRetention() agrees with a naive model on 1 000 seeded histories", () => {
  let removed = 0;
  for (let seed = 1; seed <= 1_000; seed++) {
    const source = seededRandom(seed);
    const random = () => source.next();
    const spanMs = [2 * DAY_MS, 40 * DAY_MS, 800 * DAY_MS][seed % 3]!;
    const items = Array.from({ length: Math.floor(random() * 60) }, (_, i): RetainedItem => ({
      id: `b${i}`,
      // To the hour for some, so that several are of one moment.
      atMs: START_MS + Math.floor(random() * spanMs / 3_600_000) * 3_600_000 +
        (seed % 2) * Math.floor(random() * 3_600_000),
      isVerified: random() < [0, 0.5, 0.9, 1][seed % 4]!,
    }));
    const rule = Object.fromEntries(
      ["last", "hourly", "daily", "weekly", "monthly", "yearly"].filter(() => random() < 0.4)
        .map((name) => [name, 1 + Math.floor(random() * 8)]),
    );
    const decided = decideRetention(items, rule);
    const kept = new Set(decided.filter(({ isKept }) => isKept).map(({ id }) => id));
    assert.deepEqual(kept, naivelyKept(items, rule), `seed ${seed}: ${JSON.stringify(rule)}`);
    assert.equal(decided.length, items.length);
    assert.equal(kept.size === 0, items.length === 0, "never ends with none");
    const newest = items.filter(({ isVerified }) => isVerified).map(({ atMs }) => atMs);
    if (newest.length > 0) {
      const keptMs = items.filter(({ id, isVerified }) => isVerified && kept.has(id)).map(({ atMs }) => atMs);
      assert.equal(Math.max(...keptMs), Math.max(...newest), "the newest verified one stays");
    }
    // A second look at what was left removes no more.
    const left = items.filter(({ id }) => kept.has(id));
    assert.ok(decideRetention(left, rule).every(({ isKept }) => isKept), `seed ${seed}: not stable`);
    removed += items.length - kept.size;
  }
  assert.ok(removed > 5_000, `only ${removed} were removed`);
});

Deno.test("decideRetention() says why each is kept", () => {
  const at = (text: string, isVerified = true) => ({ id: text, atMs: Date.parse(text), isVerified });
  const items = [
    "2026-01-31T02:00:00Z",
    "2026-01-31T01:00:00Z",
    "2026-01-30T02:00:00Z",
    "2025-12-30T02:00:00Z",
  ]
    .map((text) => at(text));
  const decided = decideRetention([...items, at("2026-01-31T03:00:00Z", false)], { daily: 1, monthly: 2 });
  assert.deepEqual(decided.map(({ reasons }) => reasons.join(", ")), [
    "not verified yet",
    "newest verified, daily 2026-01-31, monthly 2026-01",
    "",
    "",
    "monthly 2025-12",
  ]);
});

Deno.test("parseRetentionRule() takes each word once, with a number from 1", () => {
  assert.deepEqual(parseRetentionRule("last=3, daily=7,yearly=10"), { last: 3, daily: 7, yearly: 10 });
  for (
    const text of ["", "last", "last=0", "last=-1", "daily=7,daily=8", "fortnightly=2", "last=3;daily=2"]
  ) {
    assert.equal(parseRetentionRule(text), undefined, text);
  }
});
