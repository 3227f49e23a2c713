/*
 * A photo of 1 寸 in the page: chosen, taken by the camera or read from a card, then cropped. What is
 * cropped takes the chosen file's place in the form, so that the form is sent as it would be without a
 * script.
 *
 * The canvas is the frame (25:35); the picture lies beneath it, is moved by mouse, finger or arrow keys
 * and scaled by wheel, + and - or the slider. What is sent is drawn anew, in WIDTH × HEIGHT pixels.
 */
import { reader } from "./reader.js";

const WIDTH = 295, HEIGHT = 413, ZOOM_MOST = 4, STEP = 6, QUALITY = 0.92, SIDE_MOST = 3000;

const form = document.getElementById("capture");
const file = form.elements.photo;
const find = (name) => form.querySelector(`[data-${name}]`);
const canvas = find("canvas"), video = find("video"), note = find("note"), zoom = document.getElementById("crop-zoom");
let view = null; /* { picture, turns, scale, x, y }: the middle of the frame in the picture, and its scale */
let stream = null;

/* The picture's size as it is turned. */
const wide = () => (view.turns % 2 ? view.picture.height : view.picture.width);
const high = () => (view.turns % 2 ? view.picture.width : view.picture.height);
/* Filling the frame. */
const least = () => Math.max(WIDTH / wide(), HEIGHT / high());

/* The frame stays within the picture. */
function settle() {
  view.scale = Math.min(Math.max(view.scale, least()), least() * ZOOM_MOST);
  const halfWide = WIDTH / 2 / view.scale, halfHigh = HEIGHT / 2 / view.scale;
  view.x = Math.min(Math.max(view.x, halfWide), wide() - halfWide);
  view.y = Math.min(Math.max(view.y, halfHigh), high() - halfHigh);
  zoom.value = String(Math.round(100 * Math.log(view.scale / least()) / Math.log(ZOOM_MOST)));
}

function paint(context) {
  context.save();
  context.fillStyle = "#fff";
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.translate(WIDTH / 2, HEIGHT / 2);
  context.scale(view.scale, view.scale);
  context.translate(wide() / 2 - view.x, high() / 2 - view.y);
  context.rotate(view.turns * Math.PI / 2);
  context.imageSmoothingQuality = "high";
  context.drawImage(view.picture, -view.picture.width / 2, -view.picture.height / 2);
  context.restore();
}

/* Where head and chin should be: seen here, and in no photo. */
function guide(context) {
  context.save();
  context.strokeStyle = "#0b4f9e";
  context.lineWidth = 1.5;
  context.setLineDash([7, 5]);
  context.beginPath();
  context.ellipse(WIDTH / 2, HEIGHT * 0.43, WIDTH * 0.29, HEIGHT * 0.31, 0, 0, 2 * Math.PI);
  context.stroke();
  context.restore();
}

function show() {
  settle();
  const context = canvas.getContext("2d");
  paint(context);
  guide(context);
}

function reset() {
  if (!view) return;
  view.scale = least();
  view.x = wide() / 2;
  view.y = high() / 2;
  show();
}

/* A picture comes into the frame; where it is from says whether somebody saw the person now. */
async function take(source, origin) {
  const options = {};
  if (source.videoWidth) {
    options.resizeWidth = source.videoWidth;
    options.resizeHeight = source.videoHeight;
  }
  let picture = await createImageBitmap(source, options);
  const most = Math.max(picture.width, picture.height);
  if (most > SIDE_MOST)
    picture = await createImageBitmap(picture, { resizeWidth: Math.round(picture.width * SIDE_MOST / most),
      resizeHeight: Math.round(picture.height * SIDE_MOST / most), resizeQuality: "high" });
  view = { picture, turns: 0, scale: 0, x: 0, y: 0 };
  form.elements.origin.value = origin;
  find("crop").hidden = false;
  reset();
  note.textContent = "请调整照片，然后提交。";
  canvas.focus();
}

/* Camera */

function cameraOff() {
  if (stream) stream.getTracks().forEach((track) => track.stop());
  stream = null;
  video.hidden = find("shoot").hidden = true;
  find("camera").textContent = "打开摄像头";
}

async function cameraOn() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { width: { ideal: 1280 }, height: { ideal: 960 } } });
    video.srcObject = stream;
    await video.play();
    video.hidden = find("shoot").hidden = false;
    find("camera").textContent = "关闭摄像头";
    note.textContent = "请本人正对镜头，背景为白色，然后点击“拍照”。";
    find("shoot").focus();
  } catch {
    cameraOff();
    note.textContent = "摄像头不能使用。请检查摄像头，并允许本网站使用；也可以选择照片文件。";
  }
}

/* Keys and hands */

function move(x, y) {
  view.x += x / view.scale;
  view.y += y / view.scale;
  show();
}

function scale(by) {
  view.scale *= by;
  show();
}

const keys = {
  ArrowLeft: () => move(STEP, 0), ArrowRight: () => move(-STEP, 0), ArrowUp: () => move(0, STEP), ArrowDown: () => move(0, -STEP),
  "+": () => scale(1.05), "=": () => scale(1.05), "-": () => scale(1 / 1.05), "0": reset,
};

canvas.addEventListener("keydown", (event) => {
  if (!view || !Object.hasOwn(keys, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keys[event.key]();
});
canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); });
canvas.addEventListener("pointermove", (event) => {
  if (view && canvas.hasPointerCapture(event.pointerId)) {
    const shown = WIDTH / canvas.clientWidth;
    move(-event.movementX * shown, -event.movementY * shown);
  }
});
canvas.addEventListener("wheel", (event) => {
  if (!view) return;
  event.preventDefault();
  scale(event.deltaY < 0 ? 1.05 : 1 / 1.05);
}, { passive: false });
zoom.addEventListener("input", () => {
  if (!view) return;
  view.scale = least() * ZOOM_MOST ** (Number(zoom.value) / 100);
  show();
});
find("turn").addEventListener("click", () => {
  if (!view) return;
  view.turns = (view.turns + 1) % 4;
  reset();
});
find("reset").addEventListener("click", reset);
find("camera").addEventListener("click", () => (stream ? cameraOff() : cameraOn()));
find("shoot").addEventListener("click", async () => {
  await take(video, "camera");
  cameraOff();
});
file.addEventListener("change", () => {
  if (file.files.length === 0) return;
  take(file.files[0], "file").catch(() => {
    view = null;
    find("crop").hidden = true;
    note.textContent = "文件不是能够打开的图片，请重新选择。";
  });
});

/* The cropped photo goes where the file was chosen; then the form goes its way. */
function crop() {
  const sheet = document.createElement("canvas");
  sheet.width = WIDTH;
  sheet.height = HEIGHT;
  paint(sheet.getContext("2d"));
  return new Promise((done) => { sheet.toBlob(done, "image/jpeg", QUALITY); });
}

let cropped = false;
form.addEventListener("submit", (event) => {
  if (!view || cropped) return;
  event.preventDefault();
  event.stopPropagation();
  crop().then((blob) => {
    const files = new DataTransfer();
    files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    file.files = files.files;
    cropped = true;
    cameraOff();
    form.requestSubmit();
  });
}, true);
window.addEventListener("pageshow", () => { cropped = false; });
window.addEventListener("pagehide", cameraOff);

reader(async (card) => {
  form.elements.card_no.value = card.id_no;
  form.elements.card_name.value = card.name;
  form.elements.card_signature.value = card.signature;
  if (card.photo && (!view || form.elements.origin.value === "reader")) await take(card.photo, "reader");
});
find("tools").hidden = false;
find("plain").hidden = true;
