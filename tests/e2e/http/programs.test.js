"use strict";
/* The programs as an operator calls them: what they say of themselves, of wrong words and of a wrong
 * configuration, and how they end: 0 done, 1 failed, 2 wrong usage, 3 configuration. */

const assert = require("assert");
const fs = require("fs");
const os = require("os");
const path = require("path");
const test = require("node:test");
const { spawnSync } = require("child_process");
const system = require("../lib/system");

const config = `${system.folder}/etc/ecert.conf`;
const daemons = ["sbin/ecertd", "sbin/ecert-issuerd", "sbin/ecert-notifyd"];
const programs = [...daemons, "bin/ecertctl", "bin/ecert-agent"];
const inside = ["libexec/ecert/ecert-demo-tsa", "libexec/ecert/ecert-scan"];
const verbs = ["migrate", "import", "imports", "demo", "staff", "key", "jobs", "notifications", "expire", "audit",
  "check", "crl", "verify", "stats", "explain", "person", "purge"];

function run(program, words, environment = {}) {
  const done = spawnSync(path.join(system.prefix, program), words,
    { encoding: "utf8", input: "", env: { ...process.env, ...environment } });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

/* A folder of its own with the system's configuration, changed. */
function changed(change, use) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-conf-"));
  const file = path.join(folder, "ecert.conf");
  const text = fs.readFileSync(config, "utf8")
    .replace(/= (database\.password|vault\.keys|sms\.secret)$/gm, `= ${system.folder}/etc/$1`);
  fs.writeFileSync(file, change(text));
  try {
    use(file, fs.readFileSync(file, "utf8"));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test("every program says how it is used, and its version", () => {
  for (const program of [...programs, ...inside]) {
    const help = run(program, ["--help"]);
    assert.strictEqual(help.status, 0, program);
    assert.match(help.out, new RegExp(`^usage: ${path.basename(program)} `), program);
    assert.strictEqual(help.err, "", program);
    const version = run(program, ["--version"]);
    assert.strictEqual(version.status, 0, program);
    assert.match(version.out, /^ecert [0-9]+\.[0-9]+\.[0-9]+\n$/, program);
  }
});

test("wrong words end with 2, and the usage on standard error", () => {
  for (const program of programs)
    for (const words of [["--bogus"], ["-z"], ["-c"], ["-t", "-c", config, "more"]]) {
      const told = run(program, words);
      assert.strictEqual(told.status, 2, `${program} ${words}`);
      assert.strictEqual(told.out, "", `${program} ${words}`);
      assert.match(told.err, /usage: /, `${program} ${words}`);
    }
});

test("every verb says what it does, and refuses words it has no use for", () => {
  for (const verb of verbs) {
    const help = system.ctl(verb, "--help");
    assert.strictEqual(help.status, 0, verb);
    assert.ok(help.out.startsWith(`usage: ecertctl [-c FILE] ${verb} `) && help.out.includes("[--json]"), help.out);
    for (const words of [["--bogus"], ["-x"], ["--json=1"], Array(9).fill("1")]) {
      const told = system.ctl(verb, ...words);
      assert.strictEqual(told.status, 2, `${verb} ${words}: ${told.err}`);
      assert.strictEqual(told.out, "", `${verb} ${words}`);
      assert.notStrictEqual(told.err, "", `${verb} ${words}`);
    }
  }
  for (const words of [[], ["bogus"], ["staff", "bogus"], ["staff", "add", "somebody", "某人", "bogus"],
    ["staff", "role", "window1", "bogus"], ["key", "bogus"], ["jobs", "retry"], ["jobs", "retry", "x"], ["imports", "bogus"],
    ["import", "bogus", "x.csv"], ["purge"], ["explain", "--firm", "91310000MA00000012", "--item", "bogus"],
    ["explain", "--firm", "91310000MA00000012", "--item", "apply", "--wish", "Z", "--person", "111:11010519491231002X"]])
    assert.strictEqual(system.ctl(...words).status, 2, words.join(" "));
});

test("-t tests the configuration and ends", () => {
  for (const program of ["sbin/ecertd", "sbin/ecert-issuerd", "bin/ecertctl"]) {
    const told = run(program, ["-t", "-c", config]);
    assert.strictEqual(told.status, 0, told.err);
    assert.match(told.out, /^.+\n$/);
    assert.strictEqual(told.err, "");
    for (const missing of ["/nonexistent/ecert.conf", system.folder])
      assert.strictEqual(run(program, ["-t", "-c", missing]).status, 3, program);
  }
});

test("unknown keys and wrong values end with 3, and name file and line", () => {
  for (const [key, value] of [["Policy.Unknown", "1"], ["Policy.RenewDays", "x"], ["Policy.RenewDays", "0"],
    ["Policy.Departure.LockedClasses", "B C4"], ["Issuer.Demo", "yes"], ["Issuer.Code", "11310000MB00000008"],
    ["Issuer.Province", "上海"], ["Log.Level", "loud"], ["Verify.Origin", "http://localhost"],
    ["Login.FirmCode.2.Name", "OU"], ["Fonts.Chain.9.Size", "1"], ["Seal.TimestampUrl.x", "http://127.0.0.1/"]])
    changed((text) => `${text}${key} = ${value}\n`, (file, text) => {
      const line = text.trimEnd().split("\n").length;
      for (const program of ["sbin/ecertd", "sbin/ecert-issuerd", "bin/ecertctl"]) {
        const told = run(program, ["-t", "-c", file]);
        assert.strictEqual(told.status, 3, `${key}: ${told.err}`);
        assert.ok(told.err.includes(`${file}:${line}: ${key}: `), told.err);
        assert.strictEqual(told.out, "");
      }
    });
});

test("what the configuration names and is not there ends with 3", () => {
  for (const [from, to] of [[/vault\.keys/, "vault.none"], [/uming\.ttc/, "none.ttc"], [/^( *Listen) = .*/m, "$1 = nowhere"]])
    changed((text) => text.replace(from, to), (file) => {
      for (const program of ["sbin/ecertd", "sbin/ecert-issuerd"]) {
        const told = run(program, ["-t", "-c", file]);
        assert.strictEqual(told.status, 3, `${program} ${to}: ${told.err}`);
      }
    });
});

test("every value can come from the environment", () => {
  for (const [name, value] of [["ECERT_POLICY_RENEWDAYS", "x"], ["ECERT_LOG_LEVEL", "loud"], ["ECERT_FONTS_CHAIN_0_PATH", "/nonexistent.ttf"],
    ["ECERT_LOGIN_FIRMCODE_0_FIELD", "no such field"], ["ECERT_SEAL_TIMESTAMPURL_2", "ftp://127.0.0.1/"]]) {
    const told = run("sbin/ecertd", ["-t", "-c", config], { [name]: value });
    assert.strictEqual(told.status, 3, `${name}: ${told.err}`);
    assert.ok(told.err.includes(name) || told.err.includes(value), told.err);
  }
  assert.strictEqual(run("sbin/ecertd", ["-t", "-c", config], { ECERT_POLICY_RENEWDAYS: "60" }).status, 0);
});

/* A file of enterprises in a folder of its own. */
function csv(text, use) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-csv-"));
  fs.writeFileSync(`${folder}/firms.csv`, text);
  try {
    use(`${folder}/firms.csv`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
const columns = "uscc,name,region,province,legal_rep_name,legal_rep_id_type,legal_rep_id_no,phone";

test("an import tells every mistake, however many, and takes nothing", () => {
  const many = 1500;
  const rows = Array.from({ length: many }, (_, i) => `9131${i},某企业${i},local,上海,,,,`);
  csv(`${columns}\n${rows.join("\n")}\n91310000MA00000012,一"二,local,,,,,\n`, (file) => {
    const before = system.sqlNumber("SELECT COUNT(*) FROM enterprise");
    const told = system.ctl("import", "enterprises", file);
    assert.strictEqual(told.status, 1);
    const lines = told.out.trim().split("\n");
    assert.strictEqual(lines.length, many + 2);
    assert.strictEqual(lines[0], `${file}:2: uscc: "91310" is no unified social credit code (18 characters, check digit)`);
    assert.ok(lines[many - 1].startsWith(`${file}:${many + 1}: uscc: "9131${many - 1}" `), lines[many - 1]);
    assert.strictEqual(lines[many], `${file}:${many + 2}: a quote inside an unquoted field`);
    assert.strictEqual(lines[many + 1], `${many + 1} problems in ${many + 1} rows: nothing was taken`);
    assert.strictEqual(system.ctl("import", "enterprises", file, "--dry-run").out, told.out);
    const json = system.ctl("import", "enterprises", file, "--json").out.trim().split("\n").map(JSON.parse);
    assert.deepStrictEqual(json.slice(0, many).map((one) => [one.line, one.column, one.value]),
      rows.map((row, i) => [i + 2, "uscc", row.split(",")[0]]));
    assert.deepStrictEqual(json[many + 1], { rows: many + 1, problems: many + 1 });
    assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM enterprise"), before);
  });
});

test("an import names every wrong column of the header", () => {
  csv(`${columns.replace("province,", "").replace("phone", "Phone,uscc")}\n`, (file) => {
    const told = system.ctl("import", "enterprises", file);
    assert.strictEqual(told.status, 1);
    assert.strictEqual(told.err, `ecertctl: ${file}: line 1: unknown column Phone; column uscc is there twice; ` +
      "column province is missing; column phone is missing\n");
  });
});
