import assert from "node:assert/strict";
import { createCronScheduler, type Cron } from "../../jobs/cron_scheduler.ts";
import type { Scheduled } from "../../jobs/scheduler.ts";
import { parseCron } from "../../lib/core/cron.ts";

function scheduled(name: string, text = "* * * * *"): Scheduled {
  const parsed = parseCron(text);
  assert.ok(parsed.ok);
  return { name, schedule: parsed.schedule };
}

/** A cron that calls handlers when told to, and resolves on abort without waiting for them, which is the least it may do. */
function createManualCron() {
  const handlers = new Map<string, () => Promise<void>>();
  const schedules = new Map<string, string>();
  const cron: Cron = async (name, schedule, { signal }, handler) => {
    if (name === "nonsense") throw new TypeError("Invalid cron name");
    handlers.set(name, handler);
    schedules.set(name, schedule);
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    handlers.delete(name);
  };
  return { cron, handlers, schedules };
}

Deno.test("createCronScheduler() calls when due, goes on when a call rejects, and ends once none is under way", async () => {
  const { cron, handlers, schedules } = createManualCron();
  const lines: string[] = [];
  const stop = new AbortController();
  const end = Promise.withResolvers<void>();
  const calls: string[] = [];
  const started = createCronScheduler({ log: (line) => lines.push(line), cron }).start([
    scheduled("slow", "0 3 * * 7"),
    scheduled("bad"),
  ], {
    signal: stop.signal,
    onDue: async (name) => {
      calls.push(name);
      if (name === "bad") throw new Error("broken");
      await end.promise;
    },
  });
  let isOver = false;
  started.then(() => isOver = true);
  // The weekday by its name, as Deno.cron counts them differently.
  assert.equal(schedules.get("slow"), "0 3 * * SUN");
  const slow = handlers.get("slow")!();
  // Deno.cron would call it again within a second if it rejected.
  await handlers.get("bad")!();
  assert.deepEqual(lines, ["bad: cannot be started: Error: broken"]);
  stop.abort();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isOver, false);
  end.resolve();
  await Promise.all([slow, started]);
  assert.deepEqual(calls, ["slow", "bad"]);
});

Deno.test("createCronScheduler() leaves nothing scheduled when one cannot be", async () => {
  const { cron, handlers } = createManualCron();
  const options = { signal: new AbortController().signal, onDue: () => Promise.resolve() };
  await assert.rejects(
    () =>
      createCronScheduler({ log: () => {}, cron }).start([scheduled("good"), scheduled("nonsense")], options),
    { message: "Invalid cron name" },
  );
  assert.equal(handlers.size, 0);
});

Deno.test("createCronScheduler() resolves on abort with the real Deno.cron, also when it was aborted before", async () => {
  assert.equal(typeof Deno.cron, "function", "deno.json must switch on the unstable feature cron");
  const scheduler = createCronScheduler({ log: () => {} });
  const onDue = () => Promise.resolve();
  await scheduler.start([scheduled("work")], { signal: AbortSignal.abort(), onDue });
  for (let again = 0; again < 2; again++) {
    const stop = new AbortController();
    const started = scheduler.start([scheduled("work")], { signal: stop.signal, onDue });
    stop.abort();
    await started;
  }
});

Deno.test("createCronScheduler() says how to enable Deno.cron where it is not", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      `
      import { createCronScheduler } from ${
        JSON.stringify(new URL("../../jobs/cron_scheduler.ts", import.meta.url))
      };
      try {
        createCronScheduler({ log() {} });
      } catch (error) {
        console.error(error.message, "|", error.hint);
        Deno.exit(error.exitCode);
      }`,
    ],
    stderr: "piped",
  }).output();
  assert.equal(
    new TextDecoder().decode(stderr).trim(),
    'Cannot schedule jobs as Deno.cron is not enabled | start Deno with --unstable-cron, or put "unstable": ["cron"] into deno.json',
  );
  assert.equal(code, 2);
});

Deno.test("createCronScheduler() is called by the real Deno.cron", async () => {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url));
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--unstable-cron",
      "--no-config",
      `
      import { createCronScheduler } from ${module("../../jobs/cron_scheduler.ts")};
      import { parseCron } from ${module("../../lib/core/cron.ts")};
      const stop = new AbortController();
      let count = 0;
      await createCronScheduler({ log() {} }).start([{ name: "work", schedule: parseCron("0 0 1 1 *").schedule }], {
        signal: stop.signal,
        async onDue(name) {
          console.log(name);
          if (++count === 2) stop.abort();
        },
      });`,
    ],
    // Deno's own way to test: due so many milliseconds from now, whatever the schedule says.
    env: { DENO_CRON_TEST_SCHEDULE_OFFSET: "20" },
    stdout: "piped",
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "work\nwork\n");
  assert.equal(code, 0);
});
