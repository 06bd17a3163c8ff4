import { Hono } from "hono";
import assert from "node:assert/strict";
import { createAuthenticator } from "../../../lib/access/authenticator.ts";
import { isAllowed } from "../../../lib/access/authorize.ts";
import { PERMISSIONS, type Verb } from "../../../lib/access/permissions.ts";
import { ROLES } from "../../../lib/access/roles.ts";
import { gateOfRequest, guardMutations } from "../../../lib/server/guard_mutations.ts";
import { createStatusApp } from "../../../lib/server/status_app.tsx";
import { type AccessFixture, createAccess } from "../../_fakes/access_fixture.ts";

const VERBS = Object.keys(PERMISSIONS) as Verb[];

/** An app with a route for each verb, and one that was forgotten in the table. */
function createApp(access: AccessFixture) {
  const app = new Hono();
  const done: string[] = [];
  const verbs = Object.fromEntries(VERBS.map((verb) => [`POST /v1/${verb}/:id`, verb]));
  const server = { authenticator: createAuthenticator(access), gateOf: access.gateOf };
  app.use(guardMutations({ access: server, verbs, sourceOf: () => "192.0.2.7" }));
  app.get("/", (context) => context.text("read"));
  app.post("/v1/:verb/:id", async (context) => {
    const { verb, id } = context.req.param();
    return await gateOfRequest(context).perform(verb as Verb, id, () => {
      done.push(verb);
      return Promise.resolve(context.text("done"));
    });
  });
  app.delete("/forgotten", (context) => context.text("done"));
  return { app, done };
}

const post = (token: string) => ({ method: "POST", headers: { authorization: `Bearer ${token}` } });

for (const role of ROLES) {
  Deno.test(`guardMutations() lets ${role} do what the permissions say, and nothing else`, async () => {
    await using access = await createAccess();
    const { app, done } = createApp(access);
    const { token } = await access.tokens.create({ name: "somebody", role, lifetimeMs: 86_400_000 });
    for (const verb of VERBS) {
      const response = await app.request(`/v1/${verb}/7`, post(token));
      const may = isAllowed({ role }, verb);
      assert.equal(response.status, may ? 200 : 403, verb);
      assert.equal(done.pop(), may ? verb : undefined);
      if (may) assert.equal(await response.text(), "done");
      else {assert.match(
          (await response.json()).error.message,
          new RegExp(` role ${role} and ${verb} needs `),
        );}
    }
    const refused = (await access.lines()).filter(({ outcome }) => outcome === "refused");
    assert.equal(refused.length, VERBS.filter((verb) => !isAllowed({ role }, verb)).length);
  });
}

Deno.test("guardMutations() asks who it is, and notes who does not say", async () => {
  await using access = await createAccess();
  const { app, done } = createApp(access);
  const { token, entry } = await access.tokens.create({ name: "a", role: "admin", lifetimeMs: 86_400_000 });
  const basic = { authorization: `Basic ${token}` };
  for (const headers of [{}, basic, { authorization: "Bearer" }, { authorization: "Bearer nonsense" }]) {
    const response = await app.request("/v1/anchor.send/1", { method: "POST", headers });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="pot"');
    assert.ok(!(await response.text()).includes(token));
  }
  await access.tokens.revoke(entry.id);
  assert.equal((await app.request("/v1/anchor.send/1", post(token))).status, 401);
  assert.deepEqual(done, []);
  assert.deepEqual((await access.said()).map((line) => line.slice("authenticate refused ".length)), [
    "missing from 192.0.2.7",
    "missing from 192.0.2.7",
    "missing from 192.0.2.7",
    "malformed from 192.0.2.7",
    "revoked from 192.0.2.7",
  ]);
});

Deno.test("guardMutations() closes a route that has no row, and leaves reading alone", async () => {
  await using access = await createAccess();
  const { app } = createApp(access);
  const { token } = await access.tokens.create({ name: "a", role: "admin", lifetimeMs: 86_400_000 });
  const forgotten = await app.request("/forgotten", { ...post(token), method: "DELETE" });
  assert.equal(forgotten.status, 404);
  assert.equal((await app.request("/v1/anchor.send/1/2", post(token))).status, 404);
  assert.equal((await app.request("/v1/anchor.send/1", { ...post(token), method: "PUT" })).status, 404);
  assert.equal((await app.request("/")).status, 200);
});

Deno.test("guardMutations() asks for every verb whose route fits, whatever the order of the rows", async () => {
  await using access = await createAccess();
  const app = new Hono();
  const server = { authenticator: createAuthenticator(access), gateOf: access.gateOf };
  const verbs = { "POST /v1/records/:id": "record.append", "POST /v1/records/purge": "log.rebuild" } as const;
  app.use(guardMutations({ access: server, verbs }));
  app.post("/v1/records/purge", (context) => context.text("purged"));
  app.post("/v1/records/:id", (context) => context.text("done"));
  const { token } = await access.tokens.create({ name: "a", role: "recorder", lifetimeMs: 86_400_000 });
  assert.equal((await app.request("/v1/records/purge", post(token))).status, 403);
  assert.equal((await app.request("/v1/records/7", post(token))).status, 200);
});

Deno.test("createStatusApp() takes nothing that changes anything", async () => {
  await using access = await createAccess();
  const server = { authenticator: createAuthenticator(access), gateOf: access.gateOf };
  const { token } = await access.tokens.create({ name: "a", role: "admin", lifetimeMs: 86_400_000 });
  const deps = {
    recorder: { status: () => Promise.reject(new Error("asked")) },
    log: { publishedCheckpoint: () => Promise.resolve(undefined) },
  };
  for (const app of [createStatusApp(deps), createStatusApp({ ...deps, access: server })]) {
    for (const path of ["/", "/api/v1/status", "/checkpoint", "/healthz", "/x"]) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        assert.equal((await app.request(path, { ...post(token), method })).status, 404, `${method} ${path}`);
      }
    }
  }
});
