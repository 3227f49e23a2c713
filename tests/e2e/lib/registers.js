"use strict";
/* Firms, people and paper certificates of the tests' own, brought in as an operator does: by CSV.
 * All of them are fictional; check digits are right. */

const fs = require("fs");
const path = require("path");
const system = require("./system");

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

function weigh(text, weights, value) {
  return [...text].reduce((sum, character, i) => sum + value(character) * weights[i], 0);
}

function uscc(number) {
  const body = "91310115MA" + String(number).padStart(7, "0");
  const sum = weigh(body, USCC_WEIGHTS, (c) => ALPHABET.indexOf(c));
  return body + ALPHABET[(31 - (sum % 31)) % 31];
}

function residentId(number, sex, birth) {
  const order = (number * 2 + (sex === 1 ? 1 : 0)) % 1000;
  const region = 310101 + (Math.floor((number * 2) / 1000) % 100);
  const body = `${region}${birth.replace(/-/g, "")}${String(order).padStart(3, "0")}`;
  return body + "10X98765432"[weigh(body, ID_WEIGHTS, Number) % 11];
}

const surnames = [..."赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"];
const given = [..."伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国志文宇浩欣怡子涵"];

function personName(number) {
  return surnames[number % surnames.length] + given[Math.floor(number / 7) % given.length] +
    given[Math.floor(number / 3) % given.length];
}

const iso = (date) => date.toISOString().slice(0, 10);

function years(date, count) {
  const other = new Date(date);
  other.setUTCFullYear(other.getUTCFullYear() + count);
  return other;
}

function csv(file, header, rows) {
  fs.writeFileSync(file, [header, ...rows].map((row) => row.join(",")).join("\n") + "\n");
}

function importFile(kind, file) {
  const run = system.ctl("import", kind, file);
  if (run.status !== 0) throw new Error(`import ${kind}: ${run.out}${run.err}`);
}

/* Numbers that no other process of the tests on this system has: taken in blocks, a folder each. */
const BLOCK = 500;
let serial = 0, left = 0;

function next() {
  for (let block = 1; left === 0; block++) {
    try {
      fs.mkdirSync(path.join(system.folder, `serials-${block}`));
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      continue;
    }
    [serial, left] = [block * BLOCK, BLOCK];
  }
  left--;
  return serial++;
}

const today = () => new Date(Date.now() + 8 * 3600 * 1000);

function daysLater(date, count) {
  const other = new Date(date);
  other.setUTCDate(other.getUTCDate() + count);
  return other;
}

/* A folder for files of one import, with the photo beside them. */
function folder() {
  const made = fs.mkdtempSync(path.join(system.folder, "registers-"));
  fs.copyFileSync(path.join(__dirname, "photo.jpg"), path.join(made, "photo.jpg"));
  return made;
}

/* The register of enterprises has these names now. */
function enterprises(all) {
  const file = `${folder()}/enterprises.csv`;
  csv(file, ["uscc", "name", "region", "province", "legal_rep_name", "legal_rep_id_type", "legal_rep_id_no", "phone"],
    all.map((firm) => [firm.uscc, firm.name, "local", "沪", "测试法人", "111", residentId(99990, 1, "1970-01-01"), ""]));
  importFile("enterprises", file);
}

/* The firm is registered by another name from now on. */
function rename(firm, name) {
  enterprises([{ ...firm, name }]);
  firm.name = name;
}

const paperNumber = (kind, issued, number) => `沪建安${kind}（${issued.slice(0, 4)}）${String(number).padStart(7, "0")}`;

/* Paper certificates: [{ firm, person, kind, post, number, from, until }]; held since the first day. */
function papers(rows) {
  const file = `${folder()}/papers.csv`;
  csv(file, ["number", "class", "id_type", "id_no", "uscc", "enterprise_name", "post", "first_issued", "valid_from",
    "valid_until", "held_since"],
    rows.map((p) => [p.number, p.kind, "111", p.person.idNo, p.firm.uscc, p.firm.name, p.post, p.from, p.from, p.until, p.from]));
  importFile("paper_certificates", file);
}

/* Imports firms with `count` C3 paper certificates each, ready for exchange, in force since a year or,
 * with `ends`, for as many days from today on; `photo: false` leaves the people's photos out. Returns
 * [{ uscc, name, people: [{ name, number, idNo, from, until }] }]. */
function firms(count, papersEach, { photo = true, ends = null } = {}) {
  const place = folder();
  const first = ends === null ? years(today(), -1) : daysLater(years(daysLater(today(), ends), -3), 1);
  const [from, until] = [iso(first), iso(daysLater(years(new Date(iso(first)), 3), -1))];
  const all = [];
  for (let f = 0; f < count; f++) {
    const number = next();
    const firm = { uscc: uscc(number), name: `上海测试建设${number}有限公司`, people: [] };
    for (let p = 0; p < papersEach; p++) {
      const person = next();
      const birth = iso(new Date(Date.UTC(1975 + (person % 20), person % 12, 1 + (person % 28))));
      firm.people.push({
        name: personName(person), sex: 1 + (person % 2), birth, idType: "111",
        idNo: residentId(person, 1 + (person % 2), birth),
        number: paperNumber("C3", from, 5000000 + person), from, until,
      });
    }
    all.push(firm);
  }
  const people = all.flatMap((firm) => firm.people.map((person) => ({ person, firm })));
  enterprises(all);
  csv(`${place}/people.csv`,
    ["id_type", "id_no", "name", "sex", "birth", "education", "technical_title", "phone", "photo"],
    people.map(({ person: p }) => ["111", p.idNo, p.name, p.sex, p.birth, "03", "03", "", photo ? "photo.jpg" : ""]));
  importFile("people", `${place}/people.csv`);
  papers(people.map(({ person, firm }) => ({ ...person, person, firm, kind: "C3", post: "08" })));
  return all;
}

/* Passed exams, two months of insurance up to the last one, and 24 hours of education, all fresh:
 * [{ person, firm, kind, post }] each; kind and post only where they matter. */
function evidence({ exams = [], insured = [], educated = [] }) {
  const place = folder();
  const day = iso(daysLater(today(), -30));
  const months = [1, 2].map((back) => {
    const month = new Date(iso(today()).slice(0, 8) + "01");
    month.setUTCMonth(month.getUTCMonth() - back);
    return iso(month).slice(0, 7);
  });
  csv(`${place}/exams.csv`, ["exam_no", "id_type", "id_no", "uscc", "class", "post", "exam_date", "score", "passed"],
    exams.map(({ person, firm, kind, post }) => [`KS${next()}`, "111", person.idNo, firm.uscc, kind, post, day, 90, 1]));
  csv(`${place}/insurance.csv`, ["id_type", "id_no", "uscc", "month"],
    insured.flatMap(({ person, firm }) => months.map((month) => ["111", person.idNo, firm.uscc, month])));
  csv(`${place}/education.csv`, ["record_no", "id_type", "id_no", "uscc", "class", "hours", "completed_on", "provider"],
    educated.map(({ person, firm, kind }) => [`XS${next()}`, "111", person.idNo, firm.uscc, kind, 24, day, "测试继续教育中心"]));
  if (exams.length > 0) importFile("exam_results", `${place}/exams.csv`);
  if (insured.length > 0) importFile("insurance", `${place}/insurance.csv`);
  if (educated.length > 0) importFile("education", `${place}/education.csv`);
}

/* The firm has paid for a person, whoever's person it was. */
const insure = (firm, person) => evidence({ insured: [{ firm, person }] });

module.exports = {
  firms, rename, insure, uscc, enterprises, papers, paperNumber, evidence, next,
  residentId, personName, csv, importFile,
};
