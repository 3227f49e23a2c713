"use strict";
/* Who a row of the table is about: its people, firms, certificates and evidence, made as an operator
 * does it, by CSV. Every row has people of its own. */

const fs = require("fs");
const path = require("path");
const registers = require("../lib/registers");
const system = require("../lib/system");
const { trusted } = require("../lib/world");

const HELD_SINCE = "2027-06-01", ENDS = "2030-05-31", BORN = "1985-06-15";
const POSTS = { A: "02", B: "07", C1: "08", C2: "08", C3: "08" };

/* Days as text: yyyy-mm-dd, in a whole number of years before or a number of days after. */
const dayAfter = (day, count) => new Date(Date.parse(day) + count * 86400000).toISOString().slice(0, 10);
const yearsBefore = (day, count) => `${Number(day.slice(0, 4)) - count}${day.slice(4)}`;
const earlier = (a, b) => (a < b ? a : b);

function monthBefore(day) {
  const [year, month] = day.split("-").map(Number);
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, "0")}`;
}

let firmCount = 700000, personCount = 20000, recordCount = 0;

function firmNew(name, { region = "local", renamed = false } = {}) {
  const number = ++firmCount;
  const code = registers.uscc(number);
  const now = name || `上海情景建设${number}有限公司`;
  return { ...trusted.issue({ uscc: code, name: now }), uscc: code, name: now, region,
    printed: renamed ? `上海情景旧名${number}有限公司` : now, representative: null };
}

const shared = {
  here: firmNew("上海情景本地建设有限公司"),
  there: firmNew("上海情景原属建设有限公司"),
  outside: firmNew("江苏情景外省建设有限公司", { region: "outside" }),
};

function personNew({ born = BORN, photo = true, document = "111" } = {}) {
  const number = ++personCount;
  const sex = 1 + (number % 2);
  return { name: registers.personName(number * 7), sex, born, photo, idType: document,
    idNo: document === "111" ? registers.residentId(number, sex, born) : `E${10000000 + number}` };
}

/* A certificate as it is on paper; `before` is the one whose year and serial it shares as a twin. */
function certificateNew(person, said, firm, before) {
  const until = said.until || ENDS;
  const from = dayAfter(yearsBefore(dayAfter(until, 1), 3), 0);
  const since = said.since || earlier(HELD_SINCE, from > HELD_SINCE ? from : HELD_SINCE);
  const first = earlier(from, since);
  const serial = said.twin ? before.serial : String(6000000 + ++recordCount);
  const year = said.twin ? before.year : first.slice(0, 4);
  return { ...said, person, firm, from, until, since, first, serial, year, post: said.post || POSTS[said.class],
    number: `沪建安${said.class}（${year}）${serial}` };
}

class Cast {
  constructor(row) {
    const own = typeof row.firm === "object";
    this.row = row;
    this.firm = own ? firmNew(null, row.firm) : shared[row.firm || "here"];
    this.person = personNew(row.person);
    this.people = [this.person];
    if (own && row.firm.led) this.firm.representative = this.person;
    this.holds = [];
    for (const said of row.holds || [])
      this.holds.push(certificateNew(this.person, said, said.at ? shared[said.at] : this.firm, this.holds[0]));
    this.others = (row.others || []).map((said) => {
      const person = personNew();
      this.people.push(person);
      return certificateNew(person, said, this.firm);
    });
    this.exams = (row.exams || []).map((said) => ({ ...said, number: `QJ${++recordCount}`,
      firm: said.at ? shared[said.at] : this.firm, person: this.person }));
    this.paid = row.paid === undefined ? monthBefore(row.on) : row.paid;
    this.pending = this.hold = "";
  }

  get certificates() { return [...this.holds, ...this.others]; }

  /* A text of the table, with the names and numbers that stand for {here}, {B} … */
  say(text) {
    const words = { exam: this.exams[0] && this.exams[0].number, pending: this.pending, hold: this.hold, own: this.firm.name,
      other: this.others[0] && this.others[0].number };
    for (const [key, firm] of Object.entries(shared)) words[key] = firm.name;
    for (const one of this.holds) words[one.class] = one.number;
    return text.replace(/\{(\w+)\}/g, (whole, key) => {
      if (!words[key]) throw new Error(`${text}: nothing stands for ${whole}`);
      return words[key];
    });
  }
}

function enterpriseRow(firm, name) {
  const { name: rep, idType, idNo } = firm.representative ||
    { name: "测试法人", idType: "111", idNo: registers.residentId(99990, 1, "1970-01-01") };
  return [firm.uscc, name, firm.region, firm.region === "local" ? "沪" : "苏", rep, idType, idNo, ""];
}

const ENTERPRISES = ["uscc", "name", "region", "province", "legal_rep_name", "legal_rep_id_type", "legal_rep_id_no", "phone"];

/* Everything but certificates, as CSV files by kind: [header, rows]. */
function tables(casts) {
  const people = casts.flatMap((cast) => cast.people);
  const certificates = casts.flatMap((cast) => cast.certificates);
  const firms = [...new Set([...Object.values(shared), ...casts.map((cast) => cast.firm)])];
  return {
    enterprises: [ENTERPRISES, firms.map((firm) => enterpriseRow(firm, firm.printed))],
    people: [["id_type", "id_no", "name", "sex", "birth", "education", "technical_title", "phone", "photo"],
      people.map((one) => [one.idType, one.idNo, one.name, one.sex, one.born, "03", "03", "", one.photo ? "photo.jpg" : ""])],
    paper_certificates: [["number", "class", "id_type", "id_no", "uscc", "enterprise_name", "post", "first_issued",
      "valid_from", "valid_until", "held_since"],
    certificates.map((one) => [one.number, one.class, one.person.idType, one.person.idNo, one.firm.uscc,
      one.firm.printed, one.post, one.first, one.from, one.until, one.since])],
    exam_results: [["exam_no", "id_type", "id_no", "uscc", "class", "post", "exam_date", "score", "passed"],
      casts.flatMap((cast) => cast.exams).map((one) => [one.number, one.person.idType, one.person.idNo, one.firm.uscc,
        one.class, POSTS[one.class], one.on, 85, one.passed === false ? 0 : 1])],
    insurance: [["id_type", "id_no", "uscc", "month"],
      casts.filter((cast) => cast.paid).map((cast) => [cast.person.idType, cast.person.idNo, cast.firm.uscc, cast.paid])],
    education: [["record_no", "id_type", "id_no", "uscc", "class", "hours", "completed_on", "provider"],
      certificates.filter((one) => one.hours !== 0).map((one) => [`QJ${++recordCount}`, one.person.idType,
        one.person.idNo, one.firm.uscc, one.class, one.hours || 24, one.studied || one.from, "情景培训中心"])],
  };
}

function importAll(casts) {
  const folder = fs.mkdtempSync(path.join(system.folder, "scenarios-"));
  fs.copyFileSync(path.join(__dirname, "../lib/photo.jpg"), `${folder}/photo.jpg`);
  for (const [kind, [header, rows]] of Object.entries(tables(casts))) {
    registers.csv(`${folder}/${kind}.csv`, header, rows);
    registers.importFile(kind, `${folder}/${kind}.csv`);
  }
}

/* The register learns the new names of firms that have one. */
function importNames(casts) {
  const file = path.join(system.folder, "scenarios-names.csv");
  registers.csv(file, ENTERPRISES, casts.filter((cast) => cast.firm.printed !== cast.firm.name)
    .map((cast) => enterpriseRow(cast.firm, cast.firm.name)));
  registers.importFile("enterprises", file);
}

module.exports = { Cast, shared, importAll, importNames };
