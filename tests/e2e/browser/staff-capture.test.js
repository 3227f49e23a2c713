"use strict";
/* Photos at the window as a clerk takes them: read from the card, cropped by mouse and by keyboard, taken
 * by the camera, without a script; and the second look. */

const { test, after } = require("node:test");
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const system = require("../lib/system");
const { jpeg, portrait } = require("../lib/jpeg");
const { residentNumber, passportNumber, create } = require("../lib/people");

/* What the camera sees: a person before a white wall, two frames of it. */
const film = path.join(system.folder, "camera.y4m");
(function shootFilm() {
  const [width, height] = [640, 480];
  const inside = (x, y, cx, cy, rx, ry) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
  const luma = Buffer.alloc(width * height, 235);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (inside(x, y, 320, 480, 110, 140)) luma[y * width + x] = 90;
      if (inside(x, y, 320, 225, 75, 100)) luma[y * width + x] = 170;
    }
  const frame = Buffer.concat([Buffer.from("FRAME\n"), luma, Buffer.alloc(width * height / 2, 128)]);
  fs.writeFileSync(film, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]));
})();
process.env.ECERT_CAMERA = film;

const { look, fits, tabTo, close } = require("../lib/browser");
const { staff, staffPage } = require("../lib/staff");

after(close);

const inUse = (id) => system.sqlNumber(`SELECT COALESCE(capture_id, 0) FROM person WHERE id = ${id}`);
const last = (id) => system.sql(`SELECT width, height, source, state FROM identity_capture WHERE person_id = ${id} ORDER BY id DESC LIMIT 1`)[0];

/* A landscape picture with a person in its right half: it has to be cropped. */
const scene = jpeg(900, 700, (x, y) => {
  const inside = (cx, cy, rx, ry) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
  if (inside(600, 280, 100, 130)) return [235, 200, 170];
  if (inside(600, 620, 170, 160)) return [60, 80, 120];
  return [250, 250, 250];
});

/* The frame's own picture, as it will be sent: how many of its pixels are no ground, and where they lie. */
const figure = (page) => page.evaluate(() => {
  const canvas = document.querySelector("[data-canvas]");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0, sum = 0;
  for (let i = 0; i < data.length; i += 4)
    if (data[i] < 245 && data[i + 2] < 200) {
      count++;
      sum += (i / 4) % canvas.width;
    }
  return { count, middle: sum / count };
});

test("a card is read: found, made and captured with a few clicks", async () => {
  const page = await staffPage("window");
  const number = residentNumber("19850607", 2);
  await page.goto(`${system.site}/staff/people/`);
  await page.getByText("演示：模拟读卡器上的证件").click();
  await page.fill("#card-no", number);
  await page.fill("#card-name", "读卡人");
  await page.getByRole("button", { name: "读取证件" }).click();
  await page.getByText("已读取：读卡人").waitFor();
  assert.strictEqual(await page.inputValue("#f-id_no"), number);
  await look(page, "staff-people-read");
  await page.locator("form[action='/staff/people/find'] button").click();
  await page.getByText("没有登记过").first().waitFor();
  assert.ok(!page.url().includes(number));
  await look(page, "staff-people-none");
  await page.getByRole("button", { name: "新建人员" }).click();
  await page.getByText("演示：模拟读卡器上的证件").click();
  await page.fill("#card-no", number);
  await page.fill("#card-name", "读卡人");
  await page.getByRole("button", { name: "读取证件" }).click();
  await page.getByText("已读取：读卡人").waitFor();
  assert.strictEqual(await page.inputValue("#f-name"), "读卡人");
  assert.ok(await page.getByLabel("女").isChecked());
  await look(page, "staff-people-new");
  await page.getByRole("button", { name: "保存，继续采集照片" }).click();
  await page.waitForURL(/\/staff\/capture\/\d+$/);
  const id = Number(page.url().split("/").pop());
  await page.getByText("演示：模拟读卡器上的证件").click();
  await page.fill("#card-no", number);
  await page.fill("#card-name", "读卡人");
  await page.getByRole("button", { name: "读取证件" }).click();
  await page.getByText("请调整照片，然后提交").waitFor();
  await look(page, "staff-capture-card");
  await fits(page);
  await page.getByRole("button", { name: "提交照片" }).click();
  await page.getByText("照片已采集").waitFor();
  await look(page, "staff-person-captured");
  assert.deepStrictEqual(last(id), ["295", "413", "reader", "taken"]);
  assert.notStrictEqual(inUse(id), 0);
});

test("a chosen picture is cropped by the mouse", async () => {
  const page = await staffPage("window");
  const id = await create(await staff("window"), { id_type: "111", id_no: residentNumber(), name: "鼠标裁剪" });
  await page.goto(`${system.site}/staff/capture/${id}`);
  await page.setInputFiles("#f-photo", { name: "scene.jpg", mimeType: "image/jpeg", buffer: scene });
  await page.getByText("请调整照片").waitFor();
  const before = await figure(page);
  const box = await page.locator("[data-canvas]").boundingBox();
  await page.mouse.move(box.x + 200, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 200, { steps: 8 });
  await page.mouse.up();
  const moved = await figure(page);
  assert.ok(moved.middle < before.middle - 20, JSON.stringify([before, moved]));
  await page.mouse.wheel(0, -300);
  const zoomed = await figure(page);
  assert.ok(zoomed.count > moved.count, JSON.stringify([moved, zoomed]));
  await page.getByRole("button", { name: "复位" }).click();
  assert.deepStrictEqual(await figure(page), before);
  await page.mouse.move(box.x + 200, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 110, box.y + 200, { steps: 8 });
  await page.mouse.up();
  await look(page, "staff-capture-mouse");
  await page.getByRole("button", { name: "提交照片" }).click();
  await page.waitForURL(/\/staff\/proposals\//);
  assert.deepStrictEqual(last(id), ["295", "413", "window", "waiting"]);
  assert.strictEqual(inUse(id), 0);
  await look(page, "staff-capture-proposed");
});

test("and by the keyboard alone, until another clerk has looked", async () => {
  const page = await staffPage("window");
  const id = await create(await staff("window"), { id_type: "414", id_no: passportNumber(), name: "KEY BOARD", sex: "1",
    birth: "1980-01-31" });
  await page.goto(`${system.site}/staff/capture/${id}`);
  await page.setInputFiles("#f-photo", { name: "scene.jpg", mimeType: "image/jpeg", buffer: scene });
  await page.getByText("请调整照片").waitFor();
  const before = await figure(page);
  assert.strictEqual(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "裁剪区域");
  for (let i = 0; i < 15; i++) await page.keyboard.press("ArrowLeft");
  const moved = await figure(page);
  assert.ok(moved.middle < before.middle - 20, JSON.stringify([before, moved]));
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  const zoomed = await figure(page);
  assert.ok(zoomed.count > moved.count);
  await page.keyboard.press("-");
  await page.keyboard.press("-");
  await tabTo(page, "缩放", "INPUT");
  await page.keyboard.press("ArrowRight");
  assert.ok((await figure(page)).count > moved.count);
  await page.keyboard.press("ArrowLeft");
  await look(page, "staff-capture-keyboard");
  await tabTo(page, "提交照片", "BUTTON");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/staff\/proposals\//);
  const proposal = page.url();

  const second = await staffPage("window", 2);
  await second.goto(proposal);
  assert.ok(await second.locator("img[alt='本次采集的照片']").evaluate((image) => image.complete && image.naturalWidth === 295));
  await look(second, "staff-capture-second-look");
  await second.locator("input[value=approve]").check();
  await second.getByRole("button", { name: "作出决定" }).click();
  await second.getByText("已同意").first().waitFor();
  assert.notStrictEqual(inUse(id), 0);
});

test("the camera takes it, and its light goes out", async () => {
  const page = await staffPage("window");
  const number = residentNumber();
  const id = await create(await staff("window"), { id_type: "111", id_no: number, name: "摄像头" });
  await page.goto(`${system.site}/staff/capture/${id}`);
  await page.getByText("演示：模拟读卡器上的证件").click();
  await page.getByRole("button", { name: "打开摄像头" }).click();
  await page.getByText("请本人正对镜头").waitFor();
  await page.waitForTimeout(500);
  await look(page, "staff-capture-camera");
  await page.getByRole("button", { name: "拍照" }).click();
  await page.getByText("请调整照片").waitFor();
  assert.ok(await page.locator("video").isHidden());
  assert.strictEqual(await page.evaluate(() => document.querySelector("video").srcObject.getTracks().some((track) => track.readyState === "live")), false);
  await page.fill("#card-no", number);
  await page.fill("#card-name", "摄像头");
  await page.getByRole("button", { name: "读取证件" }).click();
  await page.getByText("已读取：摄像头").waitFor();
  /* The card was read, and the picture stays the camera's. */
  assert.strictEqual(await page.inputValue("[name=origin]"), "camera");
  await look(page, "staff-capture-shot");
  await page.getByRole("button", { name: "提交照片" }).click();
  await page.getByText("照片已采集").waitFor();
  assert.deepStrictEqual(last(id), ["295", "413", "reader", "taken"]);
});

test("a coloured wall is refused in words, at the field", async () => {
  const page = await staffPage("window");
  const id = await create(await staff("window"), { id_type: "111", id_no: residentNumber(), name: "蓝底" });
  await page.goto(`${system.site}/staff/capture/${id}`);
  await page.setInputFiles("#f-photo", { name: "blue.jpg", mimeType: "image/jpeg", buffer: portrait(5, { ground: [67, 142, 219] }) });
  await page.getByText("请调整照片").waitFor();
  await page.getByRole("button", { name: "提交照片" }).click();
  await page.locator("#errors").waitFor();
  assert.match(await page.title(), /^错误：/);
  assert.match(await page.locator("#errors").innerText(), /背景有颜色/);
  page.problems = page.problems.filter((problem) => !problem.includes("422"));
  await look(page, "staff-capture-refused");
  await page.setInputFiles("#f-photo", { name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture") });
  await page.getByText("文件不是能够打开的图片").waitFor();
});

test("without a script a photo in shape is sent as it is", async () => {
  const page = await staffPage("window", 1, { javaScriptEnabled: false });
  const id = await create(await staff("window"), { id_type: "111", id_no: residentNumber(), name: "无脚本" });
  await page.goto(`${system.site}/staff/capture/${id}`);
  assert.ok(await page.getByText("浏览器没有运行脚本").isVisible());
  assert.ok(await page.locator("[data-camera]").isHidden());
  assert.ok(await page.locator("[data-read]").isHidden());
  await page.setInputFiles("#f-photo", { name: "photo.jpg", mimeType: "image/jpeg", buffer: portrait(8) });
  await page.getByRole("button", { name: "提交照片" }).click();
  await page.waitForURL(/\/staff\/proposals\//);
  assert.deepStrictEqual(last(id), ["295", "413", "window", "waiting"]);
});
