"use strict";
/* Many certificates in force of one firm, made in the database: for what is about thousands of them. */

const fs = require("fs");
const os = require("os");
const path = require("path");
const system = require("./system");

/* People like this one, as an operator brings them in: what is sealed of each is its own. The import's id. */
function people(person, first, count) {
  const [like] = system.sql(`SELECT name, sex, birth FROM person WHERE id = ${person}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-crowd-"));
  const file = path.join(folder, "people.csv");
  const rows = Array.from({ length: count }, (_, i) => ["414", `CROWD${first + 1 + i}`, ...like, "", "", "", ""].join(","));
  fs.writeFileSync(file, ["id_type,id_no,name,sex,birth,education,technical_title,phone,photo", ...rows].join("\n"));
  const run = system.ctl("import", "people", file);
  fs.rmSync(folder, { recursive: true });
  if (run.status !== 0) throw new Error(`import of a crowd: ${run.out}${run.err}`);
  return system.sqlNumber("SELECT MAX(import_id) FROM person");
}

/* So many of class B, of people like the holder of `number`, from serial first + 1 of the year 2019 on; their numbers. */
function crowd(number, first, count) {
  const [[person, id]] = system.sql(`SELECT person_id, id FROM certificate WHERE number = '${number}'`);
  const run = people(person, first, count);
  system.sql(`INSERT INTO certificate (number, issue_year, serial, class, person_id, enterprise_id, state, version,
    holder_name, enterprise_name, post, first_issued, valid_from, valid_until, held_since, generation, created_at, updated_at)
    SELECT CONCAT('沪建安B（2019）', LPAD(${first} + n, 7, '0')), 2019, ${first} + n, 'B', p.id, c.enterprise_id, '01', 1,
    c.holder_name, c.enterprise_name, '07', c.first_issued, c.valid_from, c.valid_until, c.held_since, 2, NOW(3), NOW(3)
    FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) n FROM person WHERE import_id = ${run}) p
    JOIN certificate c ON c.id = ${id}`);
  system.sql(`INSERT INTO certificate_version (certificate_id, version, identifier, verify_token, enterprise_id, class,
    holder_name, sex, birth, enterprise_name, post, first_issued, valid_from, valid_until, issued_on, issuer_name, made_at)
    SELECT id, 1, CONCAT('crowd', id), UNHEX(MD5(CONCAT('crowd', id))), enterprise_id, class, holder_name, 1, '1980-01-01',
    enterprise_name, post, first_issued, valid_from, valid_until, first_issued, 'x', NOW(3)
    FROM certificate WHERE issue_year = 2019 AND serial > ${first} AND serial <= ${first + count}`);
  return Array.from({ length: count }, (_, i) => `沪建安B（2019）${String(first + 1 + i).padStart(7, "0")}`);
}

module.exports = { crowd };
