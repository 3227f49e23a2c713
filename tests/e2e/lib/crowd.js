"use strict";
/* Many certificates in force of one firm, made in the database alone: for what is about thousands of them. */

const system = require("./system");

/* So many of class B, of people like the holder of `number`, from serial first + 1 of the year 2019 on; their numbers. */
function crowd(number, first, count) {
  const [[person, id]] = system.sql(`SELECT person_id, id FROM certificate WHERE number = '${number}'`);
  const columns = "id_type, name, sex, birth, created_at, updated_at, id_no_sealed";
  const hash = `UNHEX(SHA2(CONCAT('crowd', ${first} + seq), 256))`;
  system.sql(`INSERT INTO person (id_no_hash, ${columns}) SELECT ${hash}, ${columns} FROM person, seq_1_to_${count}
    WHERE id = ${person}`);
  system.sql(`INSERT INTO certificate (number, issue_year, serial, class, person_id, enterprise_id, state, version,
    holder_name, enterprise_name, post, first_issued, valid_from, valid_until, held_since, generation, created_at, updated_at)
    SELECT CONCAT('沪建安B（2019）', LPAD(${first} + n, 7, '0')), 2019, ${first} + n, 'B', p.id, c.enterprise_id, '01', 1,
    c.holder_name, c.enterprise_name, '07', c.first_issued, c.valid_from, c.valid_until, c.held_since, 2, NOW(3), NOW(3)
    FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) n FROM person WHERE id_no_hash IN
      (SELECT ${hash} FROM seq_1_to_${count})) p JOIN certificate c ON c.id = ${id}`);
  system.sql(`INSERT INTO certificate_version (certificate_id, version, identifier, verify_token, enterprise_id, class,
    holder_name, sex, birth, enterprise_name, post, first_issued, valid_from, valid_until, issued_on, issuer_name, made_at)
    SELECT id, 1, CONCAT('crowd', id), UNHEX(MD5(CONCAT('crowd', id))), enterprise_id, class, holder_name, 1, '1980-01-01',
    enterprise_name, post, first_issued, valid_from, valid_until, first_issued, 'x', NOW(3)
    FROM certificate WHERE issue_year = 2019 AND serial > ${first} AND serial <= ${first + count}`);
  return Array.from({ length: count }, (_, i) => `沪建安B（2019）${String(first + 1 + i).padStart(7, "0")}`);
}

module.exports = { crowd };
