import assert from "node:assert/strict";
import fc from "fast-check";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import type { Delivery } from "../../../lib/alerts/alert_channel.ts";
import { createAlerts } from "../../../lib/alerts/create_alerts.ts";
import type { HealthStatus } from "../../../lib/core/observation.ts";
import { MINUTE_MS } from "../../_fakes/alert_bench.ts";
import { createCountingStateStore } from "../../_fakes/counting_state_store.ts";
import { type Arrived, createFakeChannel } from "../../_fakes/fake_channel.ts";
import { createMortalProcess, type Death, Killed } from "../../_fakes/mortal_process.ts";

const RULES: readonly AlertRule[] = [
  {
    name: "cause",
    check: "cause",
    severity: "critical",
    inhibits: ["effect"],
    forMs: 2 * MINUTE_MS,
    runbook: "look",
  },
  {
    name: "effect",
    check: "effect",
    severity: { degraded: "warning", failed: "critical" },
    clearForMs: 3 * MINUTE_MS,
    runbook: "look",
  },
  {
    name: "many",
    check: "many",
    severity: "error",
    groupBy: "subject",
    repeatMs: 20 * MINUTE_MS,
    missing: { afterMs: 10 * MINUTE_MS, severity: "error" },
    runbook: "look",
  },
  { name: "event", occurrence: "event", severity: "warning", clearForMs: 5 * MINUTE_MS, runbook: "look" },
];

type Step =
  | { readonly kind: "see"; readonly check: string; readonly subject: string; readonly status: HealthStatus }
  | { readonly kind: "happen"; readonly id: string }
  | { readonly kind: "pass"; readonly minutes: number }
  | { readonly kind: "channel"; readonly name: "a" | "b"; readonly does: "take" | "down" | "busy" }
  | { readonly kind: "die"; readonly death: Death }
  | { readonly kind: "acknowledge" | "silence" };

const STATUSES: readonly HealthStatus[] = ["ok", "degraded", "failed", "unknown"];
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("see" as const),
      check: fc.constantFrom("cause", "effect", "many"),
      subject: fc.constantFrom("", "x", "y"),
      status: fc.constantFrom(...STATUSES),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("happen" as const), id: fc.constantFrom("1", "2", "3") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.constantFrom(1, 2, 5, 20) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("channel" as const),
      name: fc.constantFrom("a" as const, "b" as const),
      does: fc.constantFrom("take" as const, "down" as const, "busy" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("die" as const),
      death: fc.constantFrom("before-write" as const, "after-write" as const, "after-send" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("acknowledge" as const, "silence" as const) }) },
);

const ANSWERS: Readonly<Record<"take" | "down" | "busy", Delivery | undefined>> = {
  take: undefined,
  down: { outcome: "retry", reason: "no answer" },
  busy: { outcome: "retry", reason: "429", retryAfterMs: 2 * MINUTE_MS },
};

/** Plays the steps, then lets all be well until everything is told. */
async function play(steps: readonly Step[], seed: number) {
  const store = createCountingStateStore();
  let nowMs = 1_800_000_000_000;
  let random = seed;
  const now = () => nowMs;
  const channels = {
    a: createFakeChannel("a", { now }),
    b: createFakeChannel("b", { minSeverity: "critical", now }),
  };
  const start = () => {
    const process = createMortalProcess(store, Object.values(channels));
    const alerts = createAlerts({
      rules: RULES,
      store: process.store,
      channels: process.channels,
      clock: { now, sleep: () => Promise.resolve() },
      random: () => (random = (random * 16_807 + 11) % 2_147_483_647) / 2_147_483_647,
      source: "pot",
      origin: "pot/property",
    });
    return { process, alerts };
  };
  let { process, alerts } = start();
  let deaths = 0;
  const live = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (!process.isDead) return;
    deaths++;
    ({ process, alerts } = start());
  };
  const tick = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      nowMs += MINUTE_MS;
      await live(() => alerts.observe({}));
      await live(() => alerts.deliver({ signal: new AbortController().signal }));
    }
  };
  const see = (check: string, subject: string, status: HealthStatus) =>
    live(() =>
      alerts.observe({ observations: [{ check, subject, status, reason: `is ${status}`, atMs: nowMs }] })
    );

  for (const each of steps) {
    switch (each.kind) {
      case "see":
        await see(each.check, each.subject, each.status);
        break;
      case "happen":
        await live(() =>
          alerts.observe({ occurrences: [{ id: each.id, name: "event", detail: "happened", atMs: nowMs }] })
        );
        break;
      case "pass":
        await tick(each.minutes);
        break;
      case "channel":
        channels[each.name].answer = () => ANSWERS[each.does];
        break;
      case "die":
        process.death = each.death;
        break;
      case "acknowledge":
        await live(async () => {
          const [first] = (await alerts.view()).incidents;
          if (first !== undefined) await alerts.acknowledge(first.key, { by: "ana" });
        });
        break;
      case "silence":
        await live(() => alerts.silence({ rule: "many", forMs: 7 * MINUTE_MS, reason: "test", by: "ana" }));
    }
    const { incidents } = await alerts.view().catch(() => ({ incidents: [] }));
    assert.equal(new Set(incidents.map(({ group }) => group)).size, incidents.length, "one incident a cause");
  }
  channels.a.answer = channels.b.answer = () => undefined;
  for (let i = 0; i < 45; i++) {
    for (const check of ["cause", "effect", "many"]) {
      for (const subject of ["", "x", "y"]) await see(check, subject, "ok");
    }
    await tick(1);
  }
  return { channels, view: await alerts.view(), deaths };
}

/** What a channel got of each incident: without what a death made double. */
function storiesOf(arrived: readonly Arrived[]) {
  const stories = new Map<string, { readonly kinds: string[]; readonly ids: Set<string>; doubled: number }>();
  for (const { notification: { key, id, kind } } of arrived) {
    const story = stories.get(key) ?? { kinds: [], ids: new Set(), doubled: 0 };
    stories.set(key, story);
    if (story.ids.has(id)) story.doubled++;
    else story.kinds.push(kind);
    story.ids.add(id);
  }
  return stories;
}

Deno.test("createAlerts() tells each incident once and ends it once on each channel, whatever happens", async () => {
  let told = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 1e9 }),
      async (steps, seed) => {
        const { channels, view, deaths } = await play(steps, seed);
        assert.equal(view.waiting, 0);
        assert.deepEqual(view.incidents, []);
        assert.deepEqual(view.deadLetters, []);
        let doubled = 0;
        for (const { arrived } of Object.values(channels)) {
          for (const { kinds, doubled: more } of storiesOf(arrived).values()) {
            told++;
            doubled += more;
            assert.equal(kinds[0], "trigger", kinds.join());
            assert.equal(kinds.at(-1), "resolve", kinds.join());
            const between = new Set(kinds.slice(1, -1));
            for (const kind of ["trigger", "resolve", "message"]) assert.ok(!between.has(kind), kinds.join());
          }
        }
        // A death falls upon at most one message of each channel.
        assert.ok(doubled <= 2 * deaths, `${doubled} doubled by ${deaths} deaths`);
        const paged = [...storiesOf(channels.b.arrived).keys()];
        const known = storiesOf(channels.a.arrived);
        assert.ok(paged.every((key) => known.has(key)), "a page that nobody else knows of");
      },
    ),
    { numRuns: 120 },
  );
  assert.ok(told > 100, `${told} stories: too few to say anything`);
});
