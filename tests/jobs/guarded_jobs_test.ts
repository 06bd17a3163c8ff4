import assert from "node:assert/strict";
import { openJobs } from "../../jobs/open_jobs.ts";
import type { Role } from "../../lib/access/roles.ts";
import { openAccess } from "../../lib/runtime/open_access.ts";
import { openInstallation } from "../_fakes/installation.ts";
import { makeTempFolder } from "../_fakes/recorder_fixture.ts";

/** Runs the job `backup` as somebody, and answers with what it left behind. */
async function backUpAs(role: Role) {
  await using targets = await makeTempFolder();
  await using installation = await openInstallation({
    env: { POT_BACKUP_TARGETS: targets.path },
  });
  const { runtime, folder } = installation;
  await runtime.recorder.recordCheckpoint({ runId: "run-1", step: 1 });
  const { gate: access } = openAccess(runtime.config, { principal: { name: "nightly", role } });
  await using opened = await openJobs(runtime, { access });
  const { job } = opened.jobs.find(({ name }) => name === "backup")!;
  const { observations = [] } = await job.run(AbortSignal.timeout(60_000));
  const trail = (await Deno.readTextFile(`${folder}/.pot/access.jsonl`)).trimEnd().split("\n");
  return {
    files: (await Array.fromAsync(Deno.readDir(targets.path))).length,
    statuses: observations.map(({ status, reason }) => `${status}: ${reason.split(";")[0]}`),
    said: trail.map((line) => JSON.parse(line)).filter(({ principal }) => principal.name === "nightly")
      .map(({ verb, outcome }) => `${verb} ${outcome}`),
  };
}

Deno.test("the job backup makes one for whoever may, and the access trail tells of it", async () => {
  const { files, statuses, said } = await backUpAs("operator");
  assert.ok(files > 0);
  assert.match(statuses.join(), /^ok: verified/);
  assert.deepEqual(said, ["backup.create allowed"]);
});

Deno.test("the job backup makes none for whoever may not", async () => {
  const { files, statuses, said } = await backUpAs("recorder");
  assert.equal(files, 0);
  assert.match(
    statuses.join(),
    /^failed: Cannot make a backup .* role recorder and backup\.create needs operator$/,
  );
  assert.deepEqual(said, ["backup.create refused"]);
});
