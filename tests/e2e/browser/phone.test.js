"use strict";
/* Anyone with a phone: the page behind the QR code, 360 pixels wide. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const { firms, loggedIn, exchange, made } = require("../lib/world");
const { open, close, look, fits } = require("../lib/browser");

const [firm] = firms(1, 1);
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
let address;
test.after(close);

test("a certificate to verify", async () => {
  const client = await loggedIn(firm);
  const matter = (await exchange(client)).headers.location;
  await made(client, matter);
  const list = await client.get("/certificates/");
  const show = await client.get(new URL(list.links.find((link) => /certificates\/\d+$/.test(link) || /^\d+$/.test(link)), list.url).href);
  address = new URL(show.links.find((link) => /^\/verify\/./.test(link)), system.site).href;
});

test("the page behind the QR code fits a phone and says valid, without a script's help", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await open(null, { ...phone, javaScriptEnabled });
    await page.goto(address);
    assert.ok((await page.textContent("h1")).includes("有效"));
    assert.ok((await page.textContent("main")).includes(firm.people[0].number));
    if (javaScriptEnabled) {
      await fits(page);
      await look(page, "20-phone-valid");
    }
    await page.context().close();
  }
});

test("typing the code in leads to the same page; a wrong one is told as such", async () => {
  const page = await open(null, phone);
  await page.goto(`${system.site}/verify/`);
  await fits(page);
  await look(page, "21-phone-form");
  await page.fill("input[name=code]", address);
  await page.click("button:has-text('核验')");
  assert.strictEqual(page.url(), address);
  await page.goto(`${system.site}/verify/AAAAAAAAAAAAAAAAAAAAAA`);
  page.problems.length = 0;
  await fits(page);
  await look(page, "22-phone-unknown");
  await page.context().close();
});

test("the other public pages fit a phone too", async () => {
  const page = await open(null, phone);
  for (const path of ["/", "/login", "/help/", "/help/exchange", "/help/questions"]) {
    await page.goto(system.site + path);
    await fits(page);
  }
  await page.context().close();
});
