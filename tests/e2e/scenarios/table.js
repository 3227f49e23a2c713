"use strict";
/*
 * The rules R1 to R21 as situations: data that rules.test.js goes through over HTTP, row by row.
 *
 *   rule      what the row is about
 *   case      the situation in words
 *   on        the business date; the day BEFORE is also when everything is made ready
 *   item      what the firm's clerk does: exchange, apply (A, B, C, or L: 法定代表人A证), transfer,
 *             rename, cancel (reason), sign (of a form made ready before), departure
 *   accepted  the fact that the rule states, in its words; the item is then done to its end, or
 *   refused   the fact, and what to do about it; or { status, text } where the page itself says no
 *   also      other rules that refuse the same; by: the rule that does it instead of `rule`
 *   valid     first and last day of the certificate that comes of it
 *   leaves    certificates of these classes stay as they are
 *
 * What a row does not say is in order: a person of 1985 with a photo, one of the firm's people, paid
 * insurance for last month; certificates that came on 2027-06-01 and end on 2030-05-31, with 24
 * hours of education each.
 *
 *   firm      who acts: here (of this city), outside, or one of the row's own: { region, led } where
 *             led is true if the person is its legal representative; renamed: a new name since
 *   person    { born, photo, document }
 *   holds     [{ class, post, at: a firm, since, until, hours, studied, paper: not exchanged, twin: year
 *             and serial of the one before it }]
 *   others    certificates that other people hold
 *   exams     [{ class, on, at, passed }]
 *   paid      the last month that the acting firm paid insurance for; null: never
 *   before    what was done BEFORE: "cancel REASON" (with "unsigned": up to the signature), "abandon"
 *             the same, "apply CLASS", "departure"; by staff: "hold person" or "hold firm" (with its last day, or
 *             without), "release person" or "release firm"
 *   tick      only certificates of these classes
 *   signer    whose key signs
 *
 * In texts, {here} {there} {outside} and {own} are names of firms, {A} {B} … numbers of certificates
 * held, {exam} of the exam, {other} of the first of the others, {pending} of the matter left open, {hold} of the
 * matter that placed a hold.
 */

const BEFORE = "2028-02-28";
const LEAP = "2028-02-29"; /* the last day of a month, of a year that has it */
const MARCH = "2028-03-01";
const SPRING = "2029-03-01"; /* after a February without one */
const LATER = "2029-03-02";

const TAKE_EXAM = "请以本企业名义参加该类别的安全生产考核，合格后再申领";
const EXAM_AGAIN = "证书已失效，请重新参加安全生产考核，合格后申领";
const CALL = "请联系管理部门处理";
const NOT_VALID = "只有状态为有效的证书可以办理";
const OWN = "在本企业";
const USE_OWN = "请使用已有的证书；到期前办理延期";
const MOVE = "请办理企业隶属关系变更，或者由该企业先注销证书";
const EXCHANGE_FIRST = "请先办理纸质证书换领电子证书";
const WAIT = "请等待该事项办结；不再办理的，由原申请企业撤回后再申请";
const TOGETHER = "B证和C证须在同一企业：请一并办理企业隶属关系变更，或者先注销其中一本";
const CAPTURE = "请携带二代身份证原件，就近到建设工程企业资质受理服务窗口通过读卡机自助完成个人身份信息采集";
const CAPTURE_ELSE = "请携带本人证件原件，到市级建设工程企业资质受理服务窗口，由窗口工作人员完成个人身份信息采集";

const BASIS = "《建设工程安全生产管理条例》第六十六条";
const HELD = "锁定期间不能办理。请联系管理部门处理，并说明事项编号 {hold}";

const LED = { region: "local", led: true };
const exam = (cls, on = "2028-01-10") => ({ class: cls, on });

const rows = [
  /* R1: the firm's own people */
  { rule: "R1", case: "a person whose exam is this firm's", on: LEAP, item: "apply B", firm: "outside", paid: null,
    exams: [exam("B")], accepted: "该人员以本企业名义参加了考核" },
  { rule: "R1", case: "a person this firm pays insurance for", on: LEAP, item: "apply B", exams: [exam("B")],
    accepted: "本企业为该人员缴纳过社会保险" },
  { rule: "R1", case: "somebody nothing ties to this firm", on: LEAP, item: "apply B", paid: null,
    refused: ["没有查询到该人员属于本企业的记录",
      "请核对证件号码和姓名；人员确在本企业的，请先为其缴纳社会保险，或以本企业名义参加考核"], also: ["R4", "R5"] },
  { rule: "R1", case: "the paper certificate of another firm", on: LEAP, item: "exchange",
    holds: [{ class: "C3", at: "there", paper: true }], refused: { status: 404, text: "没有找到" } },
  { rule: "R1", case: "another firm's certificate, to cancel", on: LEAP, item: "cancel 01",
    holds: [{ class: "C3", at: "there" }], refused: { status: 422, text: "该人员在本企业没有电子证书" } },

  /* R2: the photo */
  { rule: "R2", case: "exchange with a photo", on: LEAP, item: "exchange", holds: [{ class: "B", paper: true }],
    accepted: "已采集照片" },
  { rule: "R2", case: "exchange without a photo", on: LEAP, item: "exchange", holds: [{ class: "B", paper: true }],
    person: { photo: false }, refused: ["未采集照片", CAPTURE] },
  { rule: "R2", case: "application with a photo", on: LEAP, item: "apply B", exams: [exam("B")], accepted: "已采集照片" },
  { rule: "R2", case: "application without a photo", on: LEAP, item: "apply B", exams: [exam("B")],
    person: { photo: false }, refused: ["未采集照片", CAPTURE] },
  { rule: "R2", case: "a passport: the window captures", on: LEAP, item: "apply B", exams: [exam("B")],
    person: { photo: false, document: "414" }, refused: ["未采集照片", CAPTURE_ELSE] },

  /* R3: exchange */
  { rule: "R3", case: "a paper certificate on its last day", on: LEAP, item: "exchange",
    holds: [{ class: "C3", until: LEAP, paper: true }], accepted: "有效期至 2028-02-29", valid: ["2025-03-01", LEAP] },
  { rule: "R3", case: "a paper certificate on the day after", on: LEAP, item: "exchange",
    holds: [{ class: "C3", until: BEFORE, paper: true }],
    refused: ["有效期至 2028-02-28，已过期", "证书已失效，请重新参加安全生产考核，合格后申领电子证书"] },
  { rule: "R3", case: "one that was exchanged", on: LEAP, item: "exchange", holds: [{ class: "C3" }],
    refused: ["该纸质证书已换领电子证书", "请在“三类人员电子证书查询”中查看"] },
  { rule: "R3", case: "year and serial of another class's certificate", on: LEAP, item: "exchange",
    holds: [{ class: "C3" }, { class: "B", twin: true, paper: true }],
    refused: ["证书编号的年份和序号已被其他电子证书占用，或编号不合规范", CALL] },

  /* R4: the exam */
  { rule: "R4", case: "a passed exam", on: LEAP, item: "apply B", exams: [exam("B")],
    accepted: "2028-01-10 考核合格，成绩 85 分，准考证号 {exam}", valid: [LEAP, "2031-02-28"] },
  { rule: "R4", case: "the last day of 24 months", on: BEFORE, item: "apply B", exams: [exam("B", "2026-02-28")],
    accepted: "2026-02-28 考核合格，成绩 85 分，准考证号 {exam}", valid: [BEFORE, "2031-02-27"] },
  { rule: "R4", case: "the day after 24 months", on: LEAP, item: "apply B", exams: [exam("B", "2026-02-28")],
    refused: ["2026-02-28 考核合格，成绩 85 分，准考证号 {exam}，已超过 24 个月", TAKE_EXAM] },
  { rule: "R4", case: "24 months from 1 March", on: MARCH, item: "apply B", exams: [exam("B", "2026-03-01")],
    accepted: "2026-03-01 考核合格，成绩 85 分，准考证号 {exam}", valid: [MARCH, "2031-02-28"] },
  { rule: "R4", case: "an exam that was not passed", on: LEAP, item: "apply B", exams: [{ ...exam("B"), passed: false }],
    refused: ["没有查询到本企业该类别的合格成绩", TAKE_EXAM] },
  { rule: "R4", case: "an exam of another class", on: LEAP, item: "apply B", exams: [exam("C3")],
    refused: ["没有查询到本企业该类别的合格成绩", TAKE_EXAM] },
  { rule: "R4", case: "an exam for another firm", on: LEAP, item: "apply B", exams: [{ ...exam("B"), at: "there" }],
    refused: ["没有查询到本企业该类别的合格成绩", TAKE_EXAM] },
  { rule: "R4", case: "the newest exam counts", on: LEAP, item: "apply C",
    exams: [exam("C3"), exam("C1", "2026-01-05")], accepted: "2028-01-10 考核合格，成绩 85 分，准考证号 {exam}" },
  { rule: "R4", case: "an exam that made a certificate", on: LEAP, item: "apply B", exams: [exam("B")],
    before: ["apply B", "cancel 01"], refused: ["准考证号 {exam} 的成绩已用于申领证书", TAKE_EXAM] },

  { rule: "R4", case: "passed anew after the certificate ended", on: LEAP, item: "apply C", exams: [exam("C3")],
    holds: [{ class: "C3", until: BEFORE }], accepted: "2028-01-10 考核合格，成绩 85 分，准考证号 {exam}",
    valid: [LEAP, "2031-02-28"] },

  /* R5: insurance */
  { rule: "R5", case: "paid for the last complete month", on: LEAP, item: "apply B", exams: [exam("B")], paid: "2028-01",
    accepted: "本企业最近一次缴费月份为 2028年1月" },
  { rule: "R5", case: "paid for the month before, on the month's last day", on: LEAP, item: "apply B", exams: [exam("B")],
    paid: "2027-12", accepted: "本企业最近一次缴费月份为 2027年12月" },
  { rule: "R5", case: "the same on the first day of the next", on: MARCH, item: "apply B", exams: [exam("B")],
    paid: "2027-12", refused: ["本企业最近一次缴费月份为 2027年12月", "须有 2028年1月或以后的缴费记录，请缴费到账后再办理"] },
  { rule: "R5", case: "never paid", on: LEAP, item: "apply B", exams: [exam("B")], paid: null,
    refused: ["没有查询到本企业为该人员缴纳社会保险的记录",
      "请由本企业为该人员缴纳社会保险，2027年12月或以后的缴费到账后再办理"] },
  { rule: "R5", case: "a firm from elsewhere is not asked", on: LEAP, item: "apply B", firm: "outside", exams: [exam("B")],
    paid: null, accepted: "外省市企业，不核对社会保险" },

  { rule: "R5", case: "renewal without insurance", on: LEAP, item: "apply C", paid: null,
    holds: [{ class: "C3", until: "2028-04-30" }], refused: ["没有查询到本企业为该人员缴纳社会保险的记录",
      "请由本企业为该人员缴纳社会保险，2027年12月或以后的缴费到账后再办理"] },
  { rule: "R5", case: "transfer, paid for the month before", on: LEAP, item: "transfer", paid: "2027-12",
    holds: [{ class: "B", at: "there" }], accepted: "本企业最近一次缴费月份为 2027年12月" },
  { rule: "R5", case: "transfer, the same on the first day of the next", on: MARCH, item: "transfer", paid: "2027-12",
    holds: [{ class: "B", at: "there" }],
    refused: ["本企业最近一次缴费月份为 2027年12月", "须有 2028年1月或以后的缴费记录，请缴费到账后再办理"] },

  /* R6: renewal */
  { rule: "R6", case: "day 90 before the end", on: LEAP, item: "apply C", holds: [{ class: "C3", until: "2028-05-28" }],
    accepted: "有效期至 2028-05-28，自 2028-02-29 起可以办理", valid: ["2028-05-29", "2031-05-28"] },
  { rule: "R6", case: "day 91 before the end", on: LEAP, item: "apply C", holds: [{ class: "C3", until: "2028-05-29" }],
    refused: ["有效期至 2028-05-29", "请在 2028-03-01 至 2028-05-29 之间办理"] },
  { rule: "R6", case: "that one on the next day", on: MARCH, item: "apply C", holds: [{ class: "C3", until: "2028-05-29" }],
    accepted: "有效期至 2028-05-29，自 2028-03-01 起可以办理", valid: ["2028-05-30", "2031-05-29"] },
  { rule: "R6", case: "the last day", on: LEAP, item: "apply B", holds: [{ class: "B", until: LEAP }],
    accepted: "有效期至 2028-02-29，自 2027-12-02 起可以办理", valid: [MARCH, "2031-02-28"] },
  { rule: "R6", case: "the last day before 29 February", on: BEFORE, item: "apply B", holds: [{ class: "B", until: BEFORE }],
    accepted: "有效期至 2028-02-28，自 2027-12-01 起可以办理", valid: [LEAP, "2031-02-28"] },
  { rule: "R6", case: "the day after the last", on: LEAP, item: "apply B", holds: [{ class: "B", until: BEFORE }],
    refused: ["有效期至 2028-02-28，已失效", EXAM_AGAIN] },
  { rule: "R6", case: "the day after 29 February", on: MARCH, item: "apply B", holds: [{ class: "B", until: LEAP }],
    refused: ["有效期至 2028-02-29，已失效", EXAM_AGAIN] },
  { rule: "R6", case: "23 hours", on: LEAP, item: "apply C", holds: [{ class: "C1", until: "2028-04-30", hours: 23 }],
    refused: ["2025-05-01 至 2028-04-30 已完成 23 学时，要求 24 学时", "请在有效期内再完成 1 学时的继续教育"] },
  { rule: "R6", case: "24 hours", on: LEAP, item: "apply C", holds: [{ class: "C1", until: "2028-04-30", hours: 24 }],
    accepted: "2025-05-01 至 2028-04-30 已完成 24 学时，要求 24 学时", valid: ["2028-05-01", "2031-04-30"] },
  { rule: "R6", case: "hours on the term's first day", on: LEAP, item: "apply A",
    holds: [{ class: "A", until: "2028-04-30", studied: "2025-05-01" }],
    accepted: "2025-05-01 至 2028-04-30 已完成 24 学时，要求 24 学时" },
  { rule: "R6", case: "hours on the day before it", on: LEAP, item: "apply A",
    holds: [{ class: "A", until: "2028-04-30", studied: "2025-04-30" }],
    refused: ["2025-05-01 至 2028-04-30 已完成 0 学时，要求 24 学时", "请在有效期内再完成 24 学时的继续教育"] },

  /* R7: renewal in a firm from elsewhere */
  { rule: "R7", case: "day 90, without insurance", on: LEAP, item: "apply C", firm: "outside", paid: null,
    holds: [{ class: "C2", until: "2028-05-28" }], accepted: "有效期至 2028-05-28，自 2028-02-29 起可以办理",
    valid: ["2028-05-29", "2031-05-28"] },
  { rule: "R7", case: "from elsewhere", on: LEAP, item: "apply B", firm: "outside",
    holds: [{ class: "B", until: "2028-03-31" }], accepted: "企业登记为外省市企业" },
  { rule: "R7", case: "day 91", on: LEAP, item: "apply C", firm: "outside", holds: [{ class: "C2", until: "2028-05-29" }],
    refused: ["有效期至 2028-05-29", "请在 2028-03-01 至 2028-05-29 之间办理"] },
  { rule: "R7", case: "the last day", on: LEAP, item: "apply C", firm: "outside", paid: null,
    holds: [{ class: "C2", until: LEAP }], accepted: "有效期至 2028-02-29，自 2027-12-02 起可以办理",
    valid: [MARCH, "2031-02-28"] },
  { rule: "R7", case: "the day after the last", on: LEAP, item: "apply C", firm: "outside",
    holds: [{ class: "C2", until: BEFORE }], refused: ["有效期至 2028-02-28，已失效", EXAM_AGAIN] },
  { rule: "R7", case: "no education", on: LEAP, item: "apply C", firm: "outside",
    holds: [{ class: "C2", until: "2028-04-30", hours: 0 }],
    refused: ["2025-05-01 至 2028-04-30 已完成 0 学时，要求 24 学时", "请在有效期内再完成 24 学时的继续教育"] },

  /* R8: A of a legal representative */
  { rule: "R8", case: "the legal representative with an exam", on: LEAP, item: "apply L", firm: LED, exams: [exam("A")],
    accepted: "姓名和证件号码与企业登记的法定代表人一致", valid: [LEAP, "2031-02-28"] },
  { rule: "R8", case: "a valid A elsewhere instead, whose dates it takes", on: LEAP, item: "apply L", firm: LED,
    holds: [{ class: "A", at: "there", until: "2029-08-15" }], accepted: "在{there}持有有效的A证 {A}",
    valid: ["2026-08-16", "2029-08-15"] },
  { rule: "R8", case: "that A on its last day", on: LEAP, item: "apply L", firm: LED,
    holds: [{ class: "A", at: "there", until: LEAP }], accepted: "在{there}持有有效的A证 {A}", valid: ["2025-03-01", LEAP] },
  { rule: "R8", case: "that A on the day after", on: LEAP, item: "apply L", firm: LED,
    holds: [{ class: "A", at: "there", until: BEFORE }], refused: ["没有可用的考核成绩", TAKE_EXAM] },
  { rule: "R8", case: "neither exam nor A", on: LEAP, item: "apply L", firm: LED,
    refused: ["没有可用的考核成绩", TAKE_EXAM] },
  { rule: "R8", case: "somebody else leads the firm", on: LEAP, item: "apply L", firm: { region: "local" },
    exams: [exam("A")], refused: ["姓名或证件号码与企业登记的法定代表人不一致",
      "请先在企业登记中变更法定代表人；登记已变更的，请联系管理部门处理"] },

  /* R9: how many A */
  { rule: "R9", case: "nobody else is legal representative by certificate", on: LEAP, item: "apply L", firm: LED,
    exams: [exam("A")], others: [{ class: "A", post: "02" }], accepted: "本企业没有其他人员持有法定代表人A证" },
  { rule: "R9", case: "the former legal representative still holds one", on: LEAP, item: "apply L", firm: LED,
    exams: [exam("A")], others: [{ class: "A", post: "01" }],
    refused: ["其他人员持有本企业的法定代表人A证", "请先注销原法定代表人的A证，再为现任法定代表人申领"] },
  { rule: "R9", case: "whose certificate ended yesterday", on: LEAP, item: "apply L", firm: LED, exams: [exam("A")],
    others: [{ class: "A", post: "01", until: BEFORE }], accepted: "本企业没有其他人员持有法定代表人A证" },
  { rule: "R9", case: "an A of another post in the same firm", on: LEAP, item: "apply L", firm: LED, exams: [exam("A")],
    holds: [{ class: "A" }],
    refused: ["在本企业已持有A证 {A}", "请使用已有的A证；需要改为法定代表人A证的，请先注销原证"] },
  { rule: "R9", case: "no other A", on: LEAP, item: "apply A", exams: [exam("A")], accepted: "没有其他A证" },
  { rule: "R9", case: "an A elsewhere, and no legal representative", on: LEAP, item: "apply A", exams: [exam("A")],
    holds: [{ class: "A", at: "there" }],
    refused: ["在{there}持有A证 {A}", "请先在该企业注销A证，或者办理企业隶属关系变更"] },
  { rule: "R9", case: "an A elsewhere on its last day", on: LEAP, item: "apply A", exams: [exam("A")],
    holds: [{ class: "A", at: "there", until: LEAP }],
    refused: ["在{there}持有A证 {A}", "请先在该企业注销A证，或者办理企业隶属关系变更"] },
  { rule: "R9", case: "an A elsewhere on the day after", on: LEAP, item: "apply A", exams: [exam("A")],
    holds: [{ class: "A", at: "there", until: BEFORE }], accepted: "没有其他A证" },
  { rule: "R9", case: "an A comes to one who has one here", on: LEAP, item: "transfer",
    holds: [{ class: "A", at: "there" }, { class: "A", at: "here", paper: true }],
    refused: ["在本企业已持有A证 {A}", EXCHANGE_FIRST] },

  /* R10: one B */
  { rule: "R10", case: "no other B", on: LEAP, item: "apply B", exams: [exam("B")], accepted: "没有其他B证" },
  { rule: "R10", case: "a paper B waits here", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "B", paper: true }], refused: ["在本企业持有B证 {B}", EXCHANGE_FIRST] },
  { rule: "R10", case: "a B elsewhere", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "B", at: "there" }], refused: ["在{there}持有B证 {B}", MOVE], also: ["R12"] },
  { rule: "R10", case: "a B elsewhere that was cancelled", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "B", at: "there" }], before: ["cancel 02"], accepted: "没有其他B证" },

  { rule: "R10", case: "a B elsewhere on its last day", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "B", at: "there", until: LEAP }], refused: ["在{there}持有B证 {B}", MOVE], also: ["R12"] },
  { rule: "R10", case: "a B elsewhere on the day after", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "B", at: "there", until: BEFORE }], accepted: "没有其他B证" },

  /* R11: one class of C */
  { rule: "R11", case: "no other C", on: LEAP, item: "apply C", exams: [exam("C1")], accepted: "没有其他C证" },
  { rule: "R11", case: "C1 beside C3 here", on: LEAP, item: "apply C", exams: [exam("C1")], holds: [{ class: "C3" }],
    refused: [`${OWN}持有C3证 {C3}`, USE_OWN] },
  { rule: "R11", case: "C2 beside C1 here, in Shanghai", on: LEAP, item: "apply C", exams: [exam("C2")],
    holds: [{ class: "C1" }], refused: [`${OWN}持有C1证 {C1}`, USE_OWN] },
  { rule: "R11", case: "C3 comes to one who has C1 here", on: LEAP, item: "transfer",
    holds: [{ class: "C3", at: "there" }, { class: "C1", at: "here" }], refused: [`${OWN}持有C1证 {C1}`, USE_OWN] },

  { rule: "R11", case: "C1 when C3 elsewhere ended yesterday", on: LEAP, item: "apply C", exams: [exam("C1")],
    holds: [{ class: "C3", at: "there", until: BEFORE }], accepted: "没有其他C证" },
  { rule: "R11", case: "C1 on the last day of C3 here", on: LEAP, item: "apply C", exams: [exam("C1")],
    holds: [{ class: "C3", until: LEAP }], refused: [`${OWN}持有C3证 {C3}`, USE_OWN] },

  /* R12: B and C in one firm */
  { rule: "R12", case: "B where C is", on: LEAP, item: "apply B", exams: [exam("B")], holds: [{ class: "C3" }],
    accepted: "办理后B证、C证在同一企业" },
  { rule: "R12", case: "B where C is not", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "C3", at: "there" }], refused: ["C3证 {C3} 在{there}", TOGETHER] },
  { rule: "R12", case: "B where C is not, on its last day", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "C3", at: "there", until: LEAP }], refused: ["C3证 {C3} 在{there}", TOGETHER] },
  { rule: "R12", case: "B where C was until yesterday", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "C3", at: "there", until: BEFORE }], accepted: "办理后B证、C证在同一企业" },
  { rule: "R12", case: "B where A is not", on: LEAP, item: "apply B", exams: [exam("B")],
    holds: [{ class: "A", at: "there" }], refused: ["B证或C证在{here}，而A证不在该企业",
      "持有A证的人员，其B证、C证须与其中一本A证在同一企业：请一并办理企业隶属关系变更"] },
  { rule: "R12", case: "A, B and C come together", on: LEAP, item: "transfer",
    holds: [{ class: "A", at: "there" }, { class: "B", at: "there" }, { class: "C2", at: "there" }],
    accepted: "办理后B证、C证在同一企业" },
  { rule: "R12", case: "B comes without C", on: LEAP, item: "transfer", tick: ["B"],
    holds: [{ class: "B", at: "there" }, { class: "C2", at: "there" }], refused: ["C2证 {C2} 在{there}", TOGETHER] },

  /* R13: no transfer of a legal representative's A */
  { rule: "R13", case: "an A of another post", on: LEAP, item: "transfer", holds: [{ class: "A", at: "there", post: "05" }],
    accepted: "不是法定代表人A证" },
  { rule: "R13", case: "the A of a legal representative", on: LEAP, item: "transfer",
    holds: [{ class: "A", at: "there", post: "01" }],
    refused: ["该证书是法定代表人A证", "请由原企业注销该证书，再在本企业重新申领"] },

  /* R14: more than 6 months */
  { rule: "R14", case: "6 months and one day", on: LEAP, item: "transfer",
    holds: [{ class: "C3", at: "there", since: "2027-08-28" }],
    accepted: "{there}自 2027-08-28 起持有该证书，须大于 6 个月" },
  { rule: "R14", case: "6 months", on: LEAP, item: "transfer", holds: [{ class: "C3", at: "there", since: "2027-08-29" }],
    refused: ["{there}自 2027-08-29 起持有该证书，须大于 6 个月", "请在 2028-02-29 之后办理"] },
  { rule: "R14", case: "from 31 August to 29 February", on: LEAP, item: "transfer",
    holds: [{ class: "C3", at: "there", since: "2027-08-31" }],
    refused: ["{there}自 2027-08-31 起持有该证书，须大于 6 个月", "请在 2028-02-29 之后办理"] },
  { rule: "R14", case: "from 31 August to 1 March", on: MARCH, item: "transfer",
    holds: [{ class: "C3", at: "there", since: "2027-08-31" }],
    accepted: "{there}自 2027-08-31 起持有该证书，须大于 6 个月" },

  /* R15: where it may go */
  { rule: "R15", case: "into a firm of this city", on: LEAP, item: "transfer", holds: [{ class: "B", at: "there" }],
    accepted: "证书状态为有效，有效期至 2030-05-31" },
  { rule: "R15", case: "on its last day", on: LEAP, item: "transfer", holds: [{ class: "B", at: "there", until: LEAP }],
    accepted: "证书状态为有效，有效期至 2028-02-29", valid: ["2025-03-01", LEAP] },
  { rule: "R15", case: "on the day after", on: LEAP, item: "transfer", holds: [{ class: "B", at: "there", until: BEFORE }],
    refused: ["证书状态为失效，有效期至 2028-02-28", EXAM_AGAIN] },
  { rule: "R15", case: "into a firm of this city that pays no insurance", on: LEAP, item: "transfer", paid: null, by: "R5",
    holds: [{ class: "B", at: "there" }], refused: ["没有查询到本企业为该人员缴纳社会保险的记录",
      "请由本企业为该人员缴纳社会保险，2027年12月或以后的缴费到账后再办理"] },
  { rule: "R15", case: "into a firm from elsewhere, held", on: LEAP, item: "transfer", firm: "outside",
    holds: [{ class: "B", at: "there" }], refused: ["证书状态为有效，有效期至 2030-05-31",
      "转入外省市企业的，须由原企业先以“已与聘用企业解除聘用合同关系”为由注销该证书"] },
  { rule: "R15", case: "into a firm from elsewhere, let go", on: LEAP, item: "transfer", firm: "outside",
    holds: [{ class: "B", at: "there" }], before: ["cancel 01"],
    accepted: "原企业已因解除聘用合同关系注销，有效期至 2030-05-31" },
  { rule: "R15", case: "cancelled for another reason", on: LEAP, item: "transfer",
    holds: [{ class: "B", at: "there" }], before: ["cancel 02"], refused: ["证书状态为注销，有效期至 2030-05-31",
      "注销原因不是解除聘用合同关系，不能转入；请重新参加考核，合格后申领"] },
  { rule: "R15", case: "let go, on its last day", on: LEAP, item: "transfer",
    holds: [{ class: "C1", at: "there", until: LEAP }], before: ["cancel 01"],
    accepted: "原企业已因解除聘用合同关系注销，有效期至 2028-02-29" },
  { rule: "R15", case: "let go, on the day after", on: LEAP, item: "transfer",
    holds: [{ class: "C1", at: "there", until: BEFORE }], before: ["cancel 01"],
    refused: ["证书状态为注销，有效期至 2028-02-28", EXAM_AGAIN] },

  { rule: "R15", case: "departed for another province", on: LEAP, item: "transfer",
    holds: [{ class: "B", at: "there" }], before: ["departure"], refused: ["证书状态为办理转出，有效期至 2030-05-31", CALL] },

  /* R16: rename */
  { rule: "R16", case: "the register has a new name", on: LEAP, item: "rename", firm: { region: "local", renamed: true },
    holds: [{ class: "B" }], others: [{ class: "C3" }], accepted: "登记名称为{own}，2 本有效证书上为原名称" },
  { rule: "R16", case: "the names agree", on: LEAP, item: "rename", firm: { region: "local" }, holds: [{ class: "B" }],
    refused: ["登记名称为{own}，有效证书上的名称与其一致", "企业名称已变更而登记未更新的，请先办理企业资质证书的变更，再办理本事项"] },
  { rule: "R16", case: "the only certificate of the old name ends today", on: LEAP, item: "rename",
    firm: { region: "local", renamed: true }, holds: [{ class: "B", until: LEAP }],
    accepted: "登记名称为{own}，1 本有效证书上为原名称" },
  { rule: "R16", case: "the only certificate of the old name ended yesterday", on: LEAP, item: "rename",
    firm: { region: "local", renamed: true }, holds: [{ class: "B", until: BEFORE }],
    refused: ["登记名称为{own}，有效证书上的名称与其一致", "企业名称已变更而登记未更新的，请先办理企业资质证书的变更，再办理本事项"] },

  /* R17: cancel */
  { rule: "R17", case: "signed by the firm, on the last day", on: LEAP, item: "cancel 01",
    holds: [{ class: "C3", until: LEAP }], accepted: "证书状态为有效，有效期至 2028-02-29" },
  { rule: "R17", case: "one of two", on: LEAP, item: "cancel 02", holds: [{ class: "A" }, { class: "B" }], tick: ["B"],
    accepted: "已选择注销原因", leaves: ["A"] },
  { rule: "R17", case: "signed on the day after the last", on: LEAP, item: "sign", holds: [{ class: "C3", until: BEFORE }],
    before: ["cancel 01 unsigned"], refused: ["证书状态为失效，有效期至 2028-02-28", NOT_VALID] },
  { rule: "R17", case: "on the day after the last", on: LEAP, item: "cancel 01", holds: [{ class: "C3", until: BEFORE }],
    refused: ["证书状态为失效，有效期至 2028-02-28", NOT_VALID] },
  { rule: "R17", case: "cancelled before", on: LEAP, item: "cancel 01", holds: [{ class: "C3" }], before: ["cancel 01"],
    refused: ["证书状态为注销，有效期至 2030-05-31", NOT_VALID] },
  { rule: "R17", case: "a reason that is not in the list", on: LEAP, item: "cancel 77", holds: [{ class: "C3" }],
    refused: { status: 422, text: "请选择注销原因" }, leaves: ["C3"] },
  { rule: "R17", case: "another reason without words", on: LEAP, item: "cancel 99", holds: [{ class: "C3" }],
    refused: { status: 422, text: "请说明原因" }, leaves: ["C3"] },
  { rule: "R17", case: "signed by another firm", on: LEAP, item: "cancel 01", holds: [{ class: "C3" }], signer: "there",
    refused: { status: 403, text: "使用的是其他企业的数字证书。" }, leaves: ["C3"] },

  /* R18: departure */
  { rule: "R18", case: "A, B and C leave", on: LEAP, item: "departure",
    holds: [{ class: "A" }, { class: "B" }, { class: "C1" }], accepted: "B证、C证已全部选择" },
  { rule: "R18", case: "B and C leave, A stays", on: LEAP, item: "departure", tick: ["B", "C1"],
    holds: [{ class: "A" }, { class: "B" }, { class: "C1" }], accepted: "证书状态为有效，有效期至 2030-05-31", leaves: ["A"] },
  { rule: "R18", case: "on the last day", on: LEAP, item: "departure", holds: [{ class: "C2", until: LEAP }],
    accepted: "证书状态为有效，有效期至 2028-02-29" },
  { rule: "R18", case: "on the day after", on: LEAP, item: "departure", holds: [{ class: "C2", until: BEFORE }],
    refused: ["证书状态为失效，有效期至 2028-02-28", NOT_VALID] },
  { rule: "R18", case: "C is left out", on: LEAP, item: "departure", tick: ["A", "B"], also: ["R18"],
    holds: [{ class: "A" }, { class: "B" }, { class: "C1" }],
    refused: ["没有选择C1证 {C1}", "B证、C证不能取消选择，请返回后重新提交"], leaves: ["A", "B", "C1"] },
  { rule: "R18", case: "only A", on: LEAP, item: "departure", tick: ["A"], holds: [{ class: "A" }, { class: "B" }],
    refused: ["没有选择B证 {B}", "B证、C证不能取消选择，请返回后重新提交"], leaves: ["A", "B"] },

  /* R19: one matter at a time */
  { rule: "R19", case: "a form waits for its signature", on: LEAP, item: "apply B",
    holds: [{ class: "B", until: "2028-04-30" }], before: ["cancel 01 unsigned"],
    refused: ["该证书正在办理事项 {pending}", WAIT], leaves: ["B"] },
  { rule: "R19", case: "the form was taken back", on: LEAP, item: "apply B",
    holds: [{ class: "B", until: "2028-04-30" }], before: ["cancel 01 unsigned", "abandon"],
    accepted: "没有正在办理的事项", valid: ["2028-05-01", "2031-04-30"] },
  { rule: "R19", case: "it waits in the firm that it would leave", on: LEAP, item: "transfer",
    holds: [{ class: "B", at: "there" }], before: ["cancel 01 unsigned"],
    refused: ["该证书正在办理事项 {pending}", WAIT], leaves: ["B"] },
  { rule: "R19", case: "an application again", on: LEAP, item: "apply B", exams: [exam("B")], before: ["apply B"],
    by: "R6", also: ["R6"], refused: ["有效期至 2031-02-27", "请在 2030-11-30 至 2031-02-27 之间办理"] },

  /* R20: age */
  { rule: "R20", case: "C on the 60th birthday, 29 February", on: LEAP, item: "apply C", exams: [exam("C2")],
    person: { born: "1968-02-29" }, accepted: "出生于 1968-02-29，60 周岁" },
  { rule: "R20", case: "C on the day after it", on: MARCH, item: "apply C", exams: [exam("C2")],
    person: { born: "1968-02-29" },
    refused: ["出生于 1968-02-29，60 周岁", "C证持证人年龄不得超过 60 周岁，请由其他人员担任该岗位"] },
  { rule: "R20", case: "C on the day after the 60th birthday", on: LEAP, item: "apply C", exams: [exam("C2")],
    person: { born: "1968-02-28" },
    refused: ["出生于 1968-02-28，60 周岁", "C证持证人年龄不得超过 60 周岁，请由其他人员担任该岗位"] },
  { rule: "R20", case: "renewal of C on the 60th birthday", on: LEAP, item: "apply C", person: { born: "1968-02-29" },
    holds: [{ class: "C3", until: "2028-04-30" }], accepted: "出生于 1968-02-29，60 周岁" },
  { rule: "R20", case: "C on the 18th birthday", on: MARCH, item: "apply C", exams: [exam("C2")],
    person: { born: "2010-03-01" }, accepted: "出生于 2010-03-01，18 周岁" },
  { rule: "R20", case: "C on the day before it", on: LEAP, item: "apply C", exams: [exam("C2")],
    person: { born: "2010-03-01" }, refused: ["出生于 2010-03-01，17 周岁", "年满 18 周岁后才能持有C证"] },
  { rule: "R20", case: "B on the 65th birthday of one born on 29 February", on: SPRING, item: "apply B",
    exams: [exam("B")], person: { born: "1964-02-29" }, accepted: "出生于 1964-02-29，65 周岁" },
  { rule: "R20", case: "B on the day after it", on: LATER, item: "apply B", exams: [exam("B")],
    person: { born: "1964-02-29" },
    refused: ["出生于 1964-02-29，65 周岁", "B证持证人年龄不得超过 65 周岁，请由其他人员担任该岗位"] },
  { rule: "R20", case: "C comes on the 60th birthday", on: LEAP, item: "transfer", person: { born: "1968-02-29" },
    holds: [{ class: "C3", at: "there" }], accepted: "出生于 1968-02-29，60 周岁" },
  { rule: "R20", case: "C comes on the day after it", on: LEAP, item: "transfer", person: { born: "1968-02-28" },
    holds: [{ class: "C3", at: "there" }],
    refused: ["出生于 1968-02-28，60 周岁", "C证持证人年龄不得超过 60 周岁，请由其他人员担任该岗位"] },
  { rule: "R20", case: "a legal representative of 87", on: LEAP, item: "apply L", firm: LED, exams: [exam("A")],
    person: { born: "1940-05-06" }, accepted: "A证不限年龄" },

  /* R21: holds */
  { rule: "R21", case: "a person who is held", on: LEAP, item: "apply B", exams: [exam("B")], before: ["hold person"],
    refused: [`该人员自 2028-02-28 起被管理部门锁定，依据：${BASIS}`, HELD] },
  { rule: "R21", case: "the last day of a hold", on: LEAP, item: "transfer", holds: [{ class: "B", at: "there" }],
    before: ["hold person 2028-02-29"],
    refused: [`该人员自 2028-02-28 起被管理部门锁定，至 2028-02-29，依据：${BASIS}`, HELD], leaves: ["B"] },
  { rule: "R21", case: "the day after it", on: MARCH, item: "departure", holds: [{ class: "B" }],
    before: ["hold person 2028-02-29"], accepted: "没有被锁定" },
  { rule: "R21", case: "a person who is free again", on: LEAP, item: "apply B", exams: [exam("B")],
    before: ["hold person", "release person"], accepted: "没有被锁定" },
  { rule: "R21", case: "a new name of a firm that is held", on: LEAP, item: "rename", firm: { region: "local", renamed: true },
    holds: [{ class: "C3" }], before: ["hold firm"],
    refused: [`本企业自 2028-02-28 起被管理部门锁定，依据：${BASIS}`, HELD] },
  { rule: "R21", case: "paper of a firm that is held", on: LEAP, item: "exchange", firm: { region: "local" },
    holds: [{ class: "B", paper: true }], before: ["hold firm"],
    refused: [`本企业自 2028-02-28 起被管理部门锁定，依据：${BASIS}`, HELD] },
  { rule: "R21", case: "paper of a firm that is free again", on: LEAP, item: "exchange", firm: { region: "local" },
    holds: [{ class: "B", paper: true }], before: ["hold firm", "release firm"], accepted: "没有被锁定" },
  { rule: "R21", case: "a form made ready before the hold", on: LEAP, item: "sign", holds: [{ class: "B" }],
    before: ["cancel 01 unsigned", "hold person"],
    refused: [`该人员自 2028-02-28 起被管理部门锁定，依据：${BASIS}`, HELD], leaves: ["B"] },
];

module.exports = { BEFORE, rows };
