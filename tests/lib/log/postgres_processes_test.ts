import { type PostgresServer, startPostgres } from "../../_fakes/postgres_server.ts";
import { assertSurvivesKills } from "./killed_writer.ts";
import { assertManyProcesses } from "./many_processes.ts";

let server: PostgresServer;
Deno.test.beforeAll(async () => {
  server = await startPostgres();
});
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

Deno.test("append() on PostgreSQL from ten processes loses and duplicates nothing, checkpoints between", async () => {
  await assertManyProcesses(await server.createDatabase());
});

Deno.test("append() on PostgreSQL keeps what had resolved when its process is killed, and nothing twice", async () => {
  await assertSurvivesKills(await server.createDatabase(), { rounds: 6 });
});
