/** 64 hex characters. */
export const HASH = "ab".repeat(32);
/** An account where nothing is. */
export const ADDRESS = `0x${"12".repeat(20)}`;

/** What takes commands to their work, and some past it, in the home of a planted world. `url` leads to its echoing server. */
export function argumentsFor(url: string) {
  return {
    "init": [["--origin", "a/b"]],
    "record checkpoint": [["model.bin", "--run", "run-2", "--step", "2"], [
      "none.bin",
      "--run",
      "r",
      "--step",
      "1",
    ]],
    "record validation": [["--run", "run-2", "--step", "2", "--metric", "loss=0.5"]],
    "watch": [["models", "--run", "run-3", "--once"]],
    "prove": [["--run", "run-1"], ["--run", "run-2", "-o", "q.pot-proof.json"], [HASH]],
    "upgrade": [["p.pot-proof.json"], ["p.pot-proof.json", "--rpc", url]],
    "export in-toto": [[HASH], [HASH, "-o", "s.json"]],
    "export tlog-proof": [["p.pot-proof.json"]],
    "verify": [
      ["p.pot-proof.json"],
      ["p.pot-proof.json", "--offline", "--json"],
      ["p.pot-proof.json", "--rpc", url],
      ["model.bin"],
    ],
    "log export": [["exported"]],
    "log import": [["none"]],
    "log publish": [["published"]],
    "log serve-check": [[url.split("?")[0]!], ["published"]],
    "log cosign": [[url.split("?")[0]!, "--witness-key", "w+1+2"]],
    "log audit": [[], ["--offline"], ["--rpc", url]],
    "log rebuild": [["--from-contract", "--out", "rebuilt"]],
    "log backup-key": [["-o", "log.age"]],
    "log restore-key": [["log.age"]],
    "chain store": [[HASH], [HASH, "--metadata", "{}"]],
    "chain get": [["1"]],
    "chain verify": [[HASH, "1"]],
    "contract deploy": [["--dry-run"], ["--yes"], ["--yes", "--create", "--json"]],
    "contract check": [[ADDRESS]],
    "contract verify-source": [[ADDRESS], [ADDRESS, "--service", "etherscan"], [
      ADDRESS,
      "--service",
      "sourcify",
    ]],
    "contract transfer": [[ADDRESS]],
    "contract retire": [[ADDRESS]],
    "contract migrate": [[ADDRESS, "--yes"]],
    "contract pause": [["--safe", "safe.json"]],
    "keys show": [["none.json"], ["--unlock"], ["--json"]],
    "keys rotate": [["--to", "env:POT_TOKEN"], ["--to", "env:PRIVATE_KEY"]],
    "tokens new": [["ci", "--role", "viewer"]],
    "tokens revoke": [["ci"]],
    "tx speed-up": [["1"]],
    "tx cancel": [["1"]],
    "network test": [[], ["polygon"]],
    "test": [["--blockchain"]],
    "jobs run": [["anchor"], ["confirm"], ["health"], ["cost"], ["transactions"], ["audit"], ["digest"], [
      "watchdog",
    ]],
    "alerts test": ["slack", "pagerduty", "email", "webhook"].map((
      name,
    ) => ["--channel", name, "--severity", "critical"]),
    "alerts silence": [["everything", "--for", "1h"]],
    "chaos": [["--submissions", "1"]],
    "up": [["--port", "0"]],
    "demo": [["-o", "demo"]],
  };
}
