"use strict";
/* The forms of staff that no other file walks through by keyboard: each from the page that leads to it to
 * its result, by Tab, typing, arrows, the space bar and Enter alone. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { open, close, tabTo } = require("../lib/browser");
const { sheet } = require("../lib/changes");
const { residentNumber } = require("../lib/people");
const { BASIS, REASON, day, decide } = require("../lib/proposals");
const registers = require("../lib/registers");
const { staff, staffPage, totp } = require("../lib/staff");
const system = require("../lib/system");
const world = require("../lib/world");

const [firm] = world.firms(1, 3);
const newcomer = residentNumber("19850607", 2);
const [word, other] = ["一句只有我才知道的长话 8", "另一句只有我才知道的长话 9"];
const folder = fs.mkdtempSync(path.join(system.folder, "keyboard-"));
const files = { people: path.join(folder, "人员.csv"), ground: path.join(folder, "依据.pdf") };
let enrolment;

test.before(async () => {
  const client = await world.loggedIn(firm, { keepAlive: true });
  await world.made(client, (await world.exchange(client)).headers.location);
  client.close();
  registers.csv(files.people, ["id_type", "id_no", "name", "sex", "birth", "education", "technical_title", "phone", "photo"],
    [["111", residentNumber("19820409", 1), "键盘导入", 1, "1982-04-09", "03", "", "", ""]]);
  fs.writeFileSync(files.ground, sheet());
  enrolment = JSON.parse(system.ctl("staff", "add", "keyboard2", "键盘人", "auditor", "--json").out).code;
});
test.after(close);

const valueOf = (page) => page.evaluate(() => document.activeElement.value);
const chosenOf = (page) => page.evaluate(() => document.activeElement.selectedOptions[0].textContent);

/* What a step does; each takes the label of a field, or the words on a button or link. */
const hands = {
  async type(page, label, text) {
    await tabTo(page, label, "INPUT");
    await page.keyboard.type(text);
    assert.strictEqual(await valueOf(page), text, label);
  },
  async write(page, label, text) {
    await tabTo(page, label, "TEXTAREA");
    await page.keyboard.type(text);
    assert.strictEqual(await valueOf(page), text, label);
  },
  async date(page, label, text) { /* in whatever order the browser's own language has it */
    await tabTo(page, label, "INPUT");
    const [year, month, date] = text.split("-");
    for (const order of [[month, date, year], [year, month, date], [date, month, year]]) {
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
      for (const part of order) {
        await page.keyboard.type(part);
        if (part === year) await page.keyboard.press("ArrowRight");
      }
      if (await valueOf(page) === text) break;
    }
    assert.strictEqual(await valueOf(page), text, label);
  },
  async choose(page, label, option) {
    await tabTo(page, label, "SELECT");
    for (let i = 0; i < 80 && await chosenOf(page) !== option; i++) await page.keyboard.press("ArrowDown");
    assert.strictEqual(await chosenOf(page), option, label);
  },
  async turn(page, label) { /* from the first of two radio buttons to the second */
    await tabTo(page, label, "INPUT");
    await page.keyboard.press("ArrowDown");
  },
  async attach(page, label, file) {
    await tabTo(page, label, "INPUT");
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
    await chooser.setFiles(file);
  },
  press: (page, words, shows) => enter(page, words, "BUTTON", shows),
  follow: (page, words, shows) => enter(page, words, "A", shows),
};

/* Enter leads to another page, which shows what is given. */
async function enter(page, words, tag, shows) {
  await tabTo(page, words, tag);
  await Promise.all([page.waitForEvent("framenavigated"), page.keyboard.press("Enter")]);
  await page.locator("main").getByText(shows).first().waitFor();
}

const secret = async (page) => totp((await page.textContent("main code")).replace(/\s/g, ""));
const waits = "待决定";
const withdrawn = ["press", "撤回提请", "已撤回"];

/* [what, who, where it begins, steps of a hand, a label and a value or what is shown then]; a value may be
 * a function of the page. */
const walks = [
  ["a person is looked for and made", ["window"], "people/", [
    ["type", "证件号码", newcomer], ["press", "查找", "没有登记过"], ["press", "新建人员", "保存，继续采集照片"],
    ["type", "姓名", "键盘新人"], ["choose", "文化程度", "本科"], ["press", "保存，继续采集照片", "键盘新人"]]],
  ["a number is shown in full", ["window"], "people/", [
    ["type", "证件号码", newcomer], ["press", "查找", "键盘新人"], ["press", "显示完整证件号码", newcomer]]],
  ["a person is corrected", ["window"], "corrections/", [
    ["follow", "提请更正", "查找人员"], ["type", "证件号码", firm.people[0].idNo], ["press", "查找人员", "更正人员信息"],
    ["choose", "文化程度", "硕士"], ["type", "更正原因", "采集时录入有误"], ["attach", "扫描件", files.ground],
    ["press", "核对", "核对更正"], ["press", "提请更正", waits], withdrawn]],
  ["a certificate is corrected", ["reviewer"], "corrections/new", [
    ["type", "证书编号", firm.people[1].number], ["press", "查找证书", "更正证书信息"],
    ["date", "初次领证日期", "2019-05-06"], ["type", "更正原因", "换领时沿用的日期有误"],
    ["press", "核对", "2019-05-06"], ["press", "提请更正", waits], withdrawn]],
  ["a certificate is to be suspended", ["reviewer"], "sanctions/", [
    ["follow", "暂扣", "提请暂扣"], ["type", "法律依据", BASIS], ["type", "原因", REASON], ["date", "暂扣期（止）", day(90)],
    ["write", "证书编号", firm.people[2].number], ["press", "核对", firm.people[2].name], ["press", "提请暂扣", waits], withdrawn]],
  ["a firm is held", ["reviewer"], "holds/", [
    ["follow", "提请锁定", "锁定对象"], ["turn", "人员（填写证件）"], ["type", "统一社会信用代码", firm.uscc],
    ["type", "法律依据", BASIS], ["type", "原因", "正在调查"], ["date", "锁定期（止", day(30)],
    ["press", "核对", firm.name], ["press", "提请锁定", waits]], "decided"],
  ["and free again", ["reviewer"], "holds/", [
    ["follow", "提请解除", firm.name], ["type", "解除的依据", BASIS], ["type", "解除的原因", "调查终结"],
    ["press", "提请解除锁定", waits]], "decided"],
  ["a file is uploaded, taken, and taken back", ["reviewer"], "imports/", [
    ["follow", "导入文件", "上传并核对"], ["choose", "种类", "人员"], ["attach", "CSV 文件", files.people],
    ["press", "上传并核对", "核对没有发现错误"], ["press", "确认导入 1 行", "文件已全部导入"],
    ["follow", "撤回这次导入", "确认撤回"], ["type", "撤回原因", "文件选错了"], ["press", "确认撤回", "这次导入已经撤回"]]],
  ["a file is uploaded and dropped", ["reviewer"], "imports/new", [
    ["choose", "种类", "人员"], ["attach", "CSV 文件", files.people], ["press", "上传并核对", "核对没有发现错误"],
    ["press", "放弃这次导入", "由工作人员放弃"]]],
  ["a firm's entry is corrected", ["reviewer"], "enterprises/", [
    ["type", "统一社会信用代码", firm.uscc], ["press", "查询", firm.name], ["follow", "更正登记", "提请更正"],
    ["type", "企业名称", `${firm.name}一部`], ["type", "更正原因", "工商变更登记"], ["press", "提请更正", waits], withdrawn]],
  ["evidence is looked for", ["reviewer"], "evidence/", [
    ["type", "证件号码", firm.people[0].idNo], ["press", "查询", firm.people[0].name]]],
  ["a notice is published and ended", ["reviewer"], "notices/", [
    ["follow", "起草公告", "预览"], ["type", "标题", "键盘公告"], ["write", "内容", "请提前办理。"],
    ["date", "显示到哪一天", day(2)], ["press", "预览", "企业将看到"], ["press", "发布", "正在公布"],
    ["follow", "提前结束", "确认结束"], ["press", "确认结束", "已结束"]]],
  ["the audit's log is searched", ["auditor"], "audit/", [
    ["date", "日期", day()], ["choose", "操作者", "企业"], ["type", "信用代码", firm.uscc],
    ["choose", "操作", "证书：换领"], ["type", "对象或事项", firm.people[0].number],
    ["press", "查询", "查询结果"]]],
  ["jobs are looked through", ["administrator"], "jobs/", [
    ["choose", "状态", "正在生成"], ["choose", "文件", "离沪证明"], ["press", "显示", /^正在生成$/]]],
  ["an account is set up, its password changed, an app added and one removed", null, "login/code", [
    ["type", "登录名", "keyboard2"], ["type", "登记码", () => enrolment], ["type", "新密码", word], ["type", "再次输入新密码", word],
    ["press", "下一步", "验证器应用"], ["type", "动态验证码", secret], ["press", "完成设置并登录", "您的岗位"],
    ["follow", "我的账户", "已登记的第二重身份验证"], ["follow", "修改密码", "修改后，其他设备"],
    ["type", "当前密码", word], ["type", "新密码", other], ["type", "再次输入新密码", other], ["press", "修改密码", "密码已修改"],
    ["follow", "添加验证器应用", "下一步"], ["type", "当前密码", other], ["press", "下一步", "扫描二维码"],
    ["type", "名称", "工作手机"], ["type", "动态验证码", secret], ["press", "添加", "第二重身份验证已添加"],
    ["follow", "移除", "不能再用它登录"], ["type", "当前密码", other], ["press", "移除", "第二重身份验证已移除"]]],
];

for (const [what, who, place, steps, then] of walks)
  test(what, async () => {
    const page = await (who ? staffPage(...who) : open(null));
    await page.goto(`${system.site}/staff/${place}`);
    for (const [hand, label, value] of steps)
      await hands[hand](page, label, typeof value === "function" ? await value(page) : value);
    if (then === "decided") {
      const answer = await decide(await staff("decision"), page.url().split("/").pop());
      assert.strictEqual(answer.status, 303, answer.text);
    }
    await page.context().close();
  });
