"use strict";
/* Chromium with a firm's certificate, and what is looked at on every page. */

const fs = require("fs");
const path = require("path");
const assert = require("assert");
const { chromium } = require("playwright-core");
const system = require("./system");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
let browser = null;

/* A camera that needs no hardware; what it sees is a file of Y4M where the test has told one. */
const camera = () => ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
  ...(process.env.ECERT_CAMERA ? [`--use-file-for-fake-video-capture=${process.env.ECERT_CAMERA}`] : [])];

/* As a clerk's browser sees it, the site is on the Internet and not on the same computer. */
const elsewhere = "--ip-address-space-overrides=" +
  [system.site, system.login].map((origin) => `127.0.0.1:${new URL(origin).port}=public`).join();

/* How long anything may take that a loaded machine does late. */
const PATIENCE = 60000;

/* Waits until a page that the last click or key leads to is there and read; at once where it leads nowhere. */
async function arrived(page) {
  await page.evaluate("0").catch(() => {}); /* what was begun by then is known */
  for (const end = Date.now() + PATIENCE; page.leads && Date.now() < end;) await system.pause(10);
  await page.waitForLoadState("domcontentloaded");
}

/* Neither a click nor a key is over before its page is read: nobody looks at the page that it leaves. */
function patient(page) {
  const [frame, keyboard] = [page.mainFrame(), page.keyboard];
  const [click, press] = [frame.click.bind(frame), keyboard.press.bind(keyboard)];
  page.leads = null;
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === frame) page.leads = request;
  });
  page.on("framenavigated", (one) => { if (one === frame) page.leads = null; });
  page.on("requestfailed", (request) => { if (request === page.leads) page.leads = null; });
  page.on("download", () => { page.leads = null; });
  page.on("filechooser", () => {}); /* from here on, lest the first one comes before it is waited for */
  frame.click = async (...words) => {
    await click(...words);
    await page.waitForLoadState("domcontentloaded");
  };
  keyboard.press = async (key, ...words) => {
    await press(key, ...words);
    if (key === "Enter" || key === "Space") await arrived(page);
  };
}

async function open(firm, options = {}) {
  browser = browser || await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    headless: true,
    timeout: PATIENCE,
    env: { ...process.env, LANGUAGE: "zh_CN" }, /* what a browser says of its own, where chromium-l10n is there */
    args: [...(process.getuid() === 0 ? ["--no-sandbox"] : []), "--disable-background-networking", "--disable-gpu", elsewhere, ...camera()],
  });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: "zh-CN",
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    acceptDownloads: true,
    ...(firm && { clientCertificates: [{ origin: system.login, certPath: firm.certificate, keyPath: firm.key }] }),
    ...options,
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.problems = [];
  patient(page);
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") page.problems.push(message.text()); });
  return page;
}

/* Answers, for the clerk, whether the site may reach programs on this computer: "granted", "denied".
 * Chromium until 144 has one permission for all of the local network. */
async function loopback(page, setting) {
  const session = await page.context().newCDPSession(page);
  const { targetInfo: { browserContextId } } = await session.send("Target.getTargetInfo");
  const all = await browser.newBrowserCDPSession();
  const set = (name) => all.send("Browser.setPermission", { permission: { name }, setting, origin: system.site, browserContextId });
  await set("loopback-network").catch(() => set("local-network-access"));
}

async function close() {
  if (browser) await browser.close();
  browser = null;
}

/* Takes a picture, and lets axe look: nothing may be found. */
async function look(page, name) {
  fs.mkdirSync(system.shots, { recursive: true });
  await arrived(page);
  await page.waitForLoadState();
  const fullPage = await page.locator("dialog[open]").count() === 0;
  await page.screenshot({ path: path.join(system.shots, `${name}.png`), fullPage });
  const found = await page.evaluate(`${axe};
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then((result) => result.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.target).join(", ")))`);
  assert.deepStrictEqual(found, [], name);
  assert.deepStrictEqual(page.problems, [], name);
}

/* No page may be wider than its window. */
async function fits(page) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= window, `${page.url()}: ${wide} in ${window}`);
}

/* Without a script a page renews itself as long as it says so, every few seconds: it is not waited for, but
 * loaded again until it shows this. A page that does neither may be the one before it. */
async function renewed(page, words) {
  for (const end = Date.now() + PATIENCE; ; await system.pause(200)) {
    const text = await page.content().catch(() => ""); /* while it renews itself there is none */
    if (text.includes(words)) break;
    const renews = /<meta http-equiv="refresh" content="\d+">/.test(text);
    assert.ok(Date.now() < end, `${page.url()}: not ${words}${renews ? "" : ", and it does not renew itself"}`);
    if (renews) await page.reload().catch(() => {});
  }
  await page.waitForLoadState();
}

/* Presses Tab until the focus is on what is wanted, by its text or its label; every stop must be visible. */
async function tabTo(page, what, tag = "") {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      return {
        text: [...element.labels || [], element].map((one) => one.textContent.trim()).find(Boolean) ||
          element.getAttribute("aria-label") || "",
        tag: element.tagName,
        shown: box.width > 0 && box.height > 0,
        ring: style.outlineStyle !== "none" || style.boxShadow !== "none",
        body: element === document.body,
      };
    });
    if (stop.body) continue;
    assert.ok(stop.shown && stop.ring, `the focus is not to be seen: ${JSON.stringify(stop)}`);
    if (stop.text.includes(what) && stop.tag.includes(tag)) return;
  }
  throw new Error(`no way by Tab to ${what} on ${page.url()}`);
}

module.exports = { open, close, loopback, look, fits, renewed, tabTo };
