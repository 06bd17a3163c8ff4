import { makeAuditedHome, openAuditedLog } from "../../_fakes/audited_home.ts";
import { changeFile, changeIndex, testDamages } from "../../_fakes/damage_home.ts";

let original: string;
Deno.test.beforeAll(async () => {
  original = await makeAuditedHome();
});
Deno.test.afterAll(() => Deno.remove(original, { recursive: true }));

testDamages(() => original, [
  {
    name: "an id in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| its id is not the record's/,
    damage: (home) => changeIndex(home, "UPDATE entry SET id = zeroblob(32) WHERE position = 9"),
  },
  {
    name: "an id in the index of a record that is not published changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 390 \| its id is not the record's/,
    damage: (home) => changeIndex(home, "UPDATE entry SET id = zeroblob(32) WHERE position = 390"),
  },
  {
    name: "an event key in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| its event key is not the record's/,
    damage: (home) => changeIndex(home, "UPDATE entry SET eventKey = zeroblob(32) WHERE position = 9"),
  },
  {
    name: "an entry of the index removed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| the index has no entry for it/,
    damage: (home) => changeIndex(home, "DELETE FROM entry WHERE position = 9"),
  },
  {
    name: "an entry added to the index",
    code: "index-differs",
    says: /log\/index\.sqlite \| it holds 401 entries/,
    damage: (home) =>
      changeIndex(
        home,
        "INSERT INTO entry SELECT 5000, id, eventKey, run, 0, 0, 0 FROM entry WHERE position = 9",
      ),
  },
  {
    name: "a hash of the index removed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| the index does not find it by its id or event/,
    damage: (home) => changeIndex(home, "DELETE FROM hash WHERE position = 9"),
  },
  {
    name: "the last hash of the index removed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf \d+ \| the index does not find it by its id or event/,
    damage: (home) => changeIndex(home, "DELETE FROM hash WHERE prefix = (SELECT max(prefix) FROM hash)"),
  },
  {
    name: "a hash added to the index",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| the index finds it under a hash that is none of its own/,
    damage: (home) => changeIndex(home, "INSERT INTO hash VALUES (0, 12345, 9)"),
  },
  {
    name: "a place in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 390 \| it looks for the record at byte 7 /,
    async damage(home) {
      // A copy is another file, whose places the index has yet to learn.
      await (await openAuditedLog(`${home}/log`))[Symbol.asyncDispose]();
      await changeIndex(home, 'UPDATE entry SET "offset" = 7 WHERE position = 390');
    },
  },
  {
    name: "a run's count in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, run run-2 \| it counts 7 records/,
    damage: (home) => changeIndex(home, "UPDATE run SET recordCount = 7 WHERE runId = 'run-2'"),
  },
  {
    name: "a record of the index put into another run",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| its run is run-1, by the record run-0/,
    damage: (home) =>
      changeIndex(
        home,
        "UPDATE entry SET run = (SELECT run FROM run WHERE runId = 'run-1') WHERE position = 9",
      ),
  },
  {
    name: "a page of the index overwritten",
    code: "index-damaged",
    says: /log\/index\.sqlite/,
    async damage(home) {
      await changeIndex(home, "PRAGMA wal_checkpoint(TRUNCATE)");
      await changeFile(`${home}/log/index.sqlite`, (bytes) => bytes.fill(0x5a, 4096 * 8, 4096 * 20));
    },
    also: ["index-differs"],
  },
]);
