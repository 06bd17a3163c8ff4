import assert from "node:assert/strict";
import { planJobs } from "../../jobs/plan_jobs.ts";
import { parseJobsSection } from "../../lib/runtime/sections/jobs_section.ts";

const jobs = ["anchor", "confirm"].map((name) => ({
  name,
  schedule: "* * * * *",
  timeoutMs: 1_000,
  run: () => Promise.resolve({ summary: "" }),
}));

Deno.test("planJobs() puts the configuration over the jobs' own data", () => {
  const mistakes: string[] = [];
  const config = parseJobsSection({
    anchor: { schedule: "0 * * * MON", timeout: "10m" },
    confirm: { enabled: false },
  }, mistakes);
  assert.deepEqual(mistakes, []);
  const planned = planJobs(jobs, config);
  assert.deepEqual(
    planned.map(({ name, schedule, timeoutMs, isEnabled }) => [name, schedule.text, timeoutMs, isEnabled]),
    [["anchor", "0 * * * MON", 600_000, true], ["confirm", "* * * * *", 1_000, false]],
  );
});

Deno.test("planJobs() refuses jobs that there are none of, and schedules that are none, by name", () => {
  const wrong = [...jobs, { ...jobs[0]!, name: "audit", schedule: "0 0 30 2 *" }];
  assert.throws(() => planJobs(wrong, { achor: {}, backups: { isEnabled: false } }), {
    name: "UsageError",
    message: "Cannot plan the jobs as the configuration is wrong",
    facts: [
      "jobs.achor in pot.jsonc is no job (there are: anchor, confirm, audit)",
      "jobs.backups in pot.jsonc is no job (there are: anchor, confirm, audit)",
      'jobs.audit.schedule "0 0 30 2 *" is no schedule: no month of it has such a day',
    ],
  });
});

Deno.test("parseJobsSection() names each mistake by its place", () => {
  const mistakes: string[] = [];
  parseJobsSection({
    anchor: { schedule: "60 * * * *", enabled: "yes", timeout: "soon", cron: "" },
    confirm: { schedule: 5, timeout: "100d" },
    digest: [],
  }, mistakes);
  assert.deepEqual(mistakes, [
    "jobs.anchor.cron in pot.jsonc is no setting (known: schedule, enabled, timeout)",
    'jobs.anchor.schedule in pot.jsonc must be a cron expression such as "0 * * * *": minute "60" must be 0 to 59',
    "jobs.anchor.enabled in pot.jsonc must be true or false",
    'jobs.anchor.timeout in pot.jsonc must be a duration of up to 7d, such as "90s", "10m" or "2h"',
    'jobs.confirm.schedule in pot.jsonc must be a cron expression such as "0 * * * *"',
    'jobs.confirm.timeout in pot.jsonc must be a duration of up to 7d, such as "90s", "10m" or "2h"',
    'jobs.digest in pot.jsonc must be an object such as { "schedule": "0 * * * *" }',
  ]);
});
