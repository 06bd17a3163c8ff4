import { openPostgresLog } from "../../../lib/log/postgres_log.ts";
import { type PostgresServer, startPostgres } from "../../_fakes/postgres_server.ts";
import { signTestHead, TEST_ORIGIN } from "../../_fakes/test_log.ts";
import { logSuite } from "./log_suite.ts";

let server: PostgresServer;
Deno.test.beforeAll(async () => {
  server = await startPostgres();
});
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

logSuite("PostgreSQL log", async () => {
  const url = await server.createDatabase();
  return {
    open: ({ origin = TEST_ORIGIN, sign = signTestHead } = {}) =>
      openPostgresLog(url, { origin, verifierKeys: [], sign }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
});
