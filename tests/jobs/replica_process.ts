import { createPostgresLeadership } from "../../lib/log/postgres_leader.ts";
import { createPostgresStateStore } from "../../lib/log/postgres_state_store.ts";
import { planJobs } from "../../jobs/plan_jobs.ts";
import { runJobs } from "../../jobs/run_jobs.ts";
import { createDrivenScheduler } from "../_fakes/driven_scheduler.ts";
import { createFastClock } from "../_fakes/fast_clock.ts";

/**
 * One of several daemons on one database, on a fast clock: `replica_process.ts <url> <name> <factor> <sinceMs>`. Prints what
 * it does, a JSON line each. Ends when its standard input does.
 */
const [url = "", name = "", factor = "1", sinceMs = "0"] = Deno.args;
const clock = createFastClock({ factor: Number(factor), sinceMs: Number(sinceMs) });
const print = (line: Record<string, unknown>) =>
  console.log(JSON.stringify({ name, atMs: clock.now(), ...line }));

const jobs = planJobs([{
  name: "work",
  schedule: "* * * * *",
  timeoutMs: 50_000,
  async run(signal) {
    print({ event: "begin" });
    await clock.sleep(4_000, { signal });
    print({ event: "end" });
    return { summary: name };
  },
}], {});

const stop = new AbortController();
Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => stop.abort());
await using state = createPostgresStateStore(url);
await createPostgresLeadership(url, { clock, answerTimeoutMs: 60_000 }).lead(
  async (leading) => {
    print({ event: "leads" });
    await runJobs({
      jobs,
      state,
      scheduler: createDrivenScheduler({ clock }),
      clock,
      holder: { host: name, pid: Deno.pid },
      log: (line) => print({ event: "log", line }),
    }, { leading, signal: stop.signal });
  },
  { signal: stop.signal, onChange: (line) => print({ event: "change", line }) },
);
