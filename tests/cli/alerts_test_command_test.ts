import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { startPagerDutyServer } from "../_fakes/pagerduty_server.ts";
import { refuses } from "../_fakes/refuses.ts";
import { startSlackServer } from "../_fakes/slack_server.ts";
import { startMailServer } from "../_fakes/smtp_server.ts";
import { startWebhookServer } from "../_fakes/webhook_server.ts";

Deno.test("pot alerts test sends through every channel and tells what each answered", async (t) => {
  await using slack = startSlackServer();
  await using pagerduty = startPagerDutyServer();
  await using webhook = startWebhookServer();
  await using mail = await startMailServer();
  await using cli = await createCli();
  const secretFile = await cli.write("pagerduty.key", `${pagerduty.routingKey}\n`);
  const env = {
    POT_SLACK_TOKEN: slack.token,
    POT_SLACK_CHANNEL: "#alerts",
    POT_SLACK_API_URL: slack.apiUrl,
    POT_SLACK_WEBHOOK_URL: slack.webhookUrl,
    POT_PAGERDUTY_KEY_FILE: secretFile,
    POT_PAGERDUTY_URL: pagerduty.url,
    POT_SMTP_URL: mail.url,
    POT_ALERT_EMAIL_FROM: "pot@training.example",
    POT_ALERT_EMAIL_TO: "ops@example.org, night@example.org",
    POT_ALERT_WEBHOOK_URL: webhook.hookUrl,
    POT_ALERT_WEBHOOK_SECRET: webhook.secret,
    POT_ALERT_SOURCE: "pot-test",
  };

  await t.step("all of them", async () => {
    const { code, out, err } = await cli.runWith(env, "alerts", "test");
    assert.equal(
      out,
      ["slack", "slack-webhook", "pagerduty", "email", "webhook"].map((name) =>
        `✓ ${name}\n  trigger   taken\n  resolve   taken\n`
      ).join(""),
    );
    assert.deepEqual([code, err], [0, ""]);
    const [key] = pagerduty.incidents.keys;
    for (const { incidents } of [pagerduty, webhook, mail]) {
      assert.deepEqual([incidents.keys, incidents.of(key!)], [[key], ["trigger", "resolve"]]);
    }
    // Two ways lead to Slack.
    assert.deepEqual(slack.incidents.of(key!).toSorted(), ["resolve", "resolve", "trigger", "trigger"]);
    assert.equal(slack.messages.filter(({ threadTs }) => threadTs !== undefined).length, 1);
    assert.match(webhook.bodies[0]!.source, /^pot-test@/);
  });

  await t.step("one, as JSON, left open", async () => {
    const { code, json } = await cli.runWith(
      env,
      "alerts",
      "test",
      "--channel",
      "pagerduty",
      "--keep",
      "--json",
    );
    const { key, severity, channels } = json;
    assert.deepEqual([code, severity], [0, "critical"]);
    assert.deepEqual(channels, [{ name: "pagerduty", isBelow: false, trigger: { outcome: "accepted" } }]);
    assert.equal(pagerduty.pages.get(key)?.status, "triggered");
  });

  await t.step("below what a channel is told", async () => {
    const args = ["alerts", "test", "--severity", "error"];
    const { code, out } = await cli.runWith(env, ...args, "--channel", "pagerduty", "--channel", "webhook");
    assert.deepEqual([code, out], [
      0,
      "- pagerduty: not told of error\n✓ webhook\n  trigger   taken\n  resolve   taken\n",
    ]);
    await refuses(cli, [...args, "--channel", "pagerduty"], {
      code: 2,
      env,
      message: "Cannot test as no channel is told of error",
      fact: "pagerduty: from critical on",
    });
  });

  await t.step("one that refuses, and one that does not answer", async () => {
    webhook.fault = () => ({ kind: "status", status: 503, headers: { "retry-after": "9" } });
    const down = await cli.runWith(env, "alerts", "test", "--channel", "webhook");
    assert.deepEqual([down.code, down.out], [
      4,
      "✗ webhook\n  trigger   not now: HTTP status 503, asks for 9 s\n",
    ]);
    mail.faults = [{ at: "recipient", recipient: "night@example.org", reply: 550 }];
    const wrong = { ...env, POT_SLACK_TOKEN: "xoxb-1111-2222-wrongsecret" };
    const { code, out, err } = await cli.runWith(
      wrong,
      ...["alerts", "test", "--channel", "slack", "--channel", "webhook", "--channel", "email"],
    );
    assert.equal(code, 1);
    assert.match(out, /✗ slack\n {2}trigger {3}refused: invalid_auth: the token is wrong\n✓ email\n/);
    assert.match(out, /\n {2}trigger {3}taken, but night@example\.org: .*550/);
    assert.doesNotMatch(out + err, /secret/);
  });

  await t.step("none that is configured, and one that is not", async () => {
    await refuses(cli, ["alerts", "test"], {
      code: 2,
      message: "Cannot test alerts as no channel is configured",
    });
    await refuses(cli, ["alerts", "test", "--channel", "slak"], {
      code: 2,
      env,
      message: "Cannot test slak as no such channel is configured",
      fact: "configured: slack, slack-webhook, pagerduty, email, webhook",
    });
    const gone = { ...env, POT_PAGERDUTY_KEY_FILE: cli.path("nowhere") };
    await refuses(cli, ["alerts", "test"], {
      code: 2,
      env: gone,
      message: "Cannot use POT_PAGERDUTY_KEY_FILE as the file cannot be read",
    });
    await cli.write("wrong.key", "not a key");
    await refuses(cli, ["alerts", "test"], {
      code: 2,
      env: { ...env, POT_PAGERDUTY_KEY_FILE: cli.path("wrong.key") },
      message: "Cannot use POT_PAGERDUTY_KEY_FILE as its line does not look right",
    });
  });
});

Deno.test("pot contract deploy tells PagerDuty of what it deployed, and deploys whatever the answer", async () => {
  await using devnet = await startDevnet();
  await using pagerduty = startPagerDutyServer();
  await using cli = await createCli({
    env: {
      RPC_URL: devnet.rpcUrl,
      CHAIN_ID: "31337",
      PRIVATE_KEY: devnet.accounts[0]!.privateKey,
      POT_PAGERDUTY_KEY: pagerduty.routingKey,
      POT_PAGERDUTY_URL: pagerduty.url,
      POT_ALERT_SOURCE: "pot-test",
    },
  });
  const first = await cli.run("contract", "deploy", "--json");
  const { contractAddress, transactionHash } = first.json.deployment;
  assert.deepEqual([first.code, first.err], [0, ""]);
  const [change, ...more] = pagerduty.changes;
  assert.deepEqual(more, []);
  assert.equal(change!.summary, `contract ${contractAddress} deployed on chain 31337`);
  assert.deepEqual(change!.custom_details, {
    contract: contractAddress,
    chainId: "31337",
    transaction: transactionHash,
  });
  assert.equal(pagerduty.pages.size, 0);

  const again = await cli.run("contract", "deploy", "--json");
  assert.deepEqual([again.code, pagerduty.requests.length], [0, 1]);
  pagerduty.fault = () => ({ kind: "status", status: 503 });
  const forced = await cli.run("contract", "deploy", "--force", "--create", "--json");
  assert.deepEqual([forced.code, forced.err], [
    0,
    "PagerDuty was not told of the deployment: HTTP status 503\n",
  ]);
  assert.notEqual(forced.json.deployment.contractAddress, contractAddress);
});
