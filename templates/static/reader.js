/*
 * Card readers at the window: one small interface, and who stands behind it. This file is the manual
 * for whoever brings a reader of their own.
 *
 * A driver is an object:
 *
 *   name         short and unique: "agent"
 *   available()  a promise of true when the reader can be used on this computer now
 *   read(signal, challenge)
 *                a promise of what the card says:
 *                  id_type    111 居民身份证 (the other types of the site's list may come, too)
 *                  id_no      as printed
 *                  name       as printed
 *                  sex        "1" 男, "2" 女
 *                  birth      yyyy-mm-dd
 *                  photo      a Blob (JPEG or PNG) of the photo in the card, or null
 *                  signature  base64, by the reader's key, over these lines in UTF-8, each with its LF:
 *                             ecert-card 1, the challenge, id_type, id_no, name; or "", and then the
 *                             photo waits for another clerk
 *                `challenge` is the page's, to be signed as it is; "": the page asks for no signature.
 *                `signal` is an AbortSignal: the clerk went away, or it took too long.
 *
 * It fails with ReaderError(kind, text): "unavailable" (no reader), "no_card", "unreadable", "failed";
 * `text`, for the clerk, may be "". A driver keeps nothing, and sends nothing to any site.
 *
 * The real one ("agent") asks a program on the clerk's own computer, on 127.0.0.1 port 17452, which
 * answers this site's Origin alone (CORS):
 *
 *   GET  /v1/status   200 {"reader": "<make and model>"}
 *   POST /v1/read     {"challenge": …}
 *                     200 {"id_type": "111", "id_no": …, "name": …, "sex": "1", "birth": "1980-01-31",
 *                          "photo": "<base64 of a JPEG>" or null, "signature": "<base64>" or absent}
 *                     404 {"kind": "no_card"}, 422 {"kind": "unreadable"}, 503 {"kind": "unavailable"}
 *
 * The simulated one is for tests and demonstrations, and offered by demonstration systems only: it reads
 * what stands in the page's fields card-no and card-name, or makes somebody up, and signs by a key that the
 * page has for that.
 */

const PORT = 17452;
const READ_MS = 30000, STATUS_MS = 5000;

export class ReaderError extends Error {
  constructor(kind, text = "") {
    super(text || kind);
    this.name = "ReaderError";
    this.kind = kind;
    this.text = text;
  }
}

export const words = {
  unavailable: "没有找到读卡器，请检查读卡器和读卡程序。",
  no_card: "读卡器上没有证件，请放好证件后重新读取。",
  unreadable: "证件无法读取，请擦拭后重新放置，或更换读卡器。",
  failed: "读取失败，请重新读取。",
};

export const agentAt = (port) => ({
  name: "agent",
  async available() {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/status`, { credentials: "omit", signal: AbortSignal.timeout(STATUS_MS) });
      return answer.ok && typeof (await answer.json()).reader === "string";
    } catch {
      return false;
    }
  },
  async read(signal, challenge = "") {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/read`,
      { method: "POST", credentials: "omit", signal, body: JSON.stringify({ challenge }) })
      .catch(() => { throw new ReaderError("unavailable"); });
    const said = await answer.json().catch(() => { throw new ReaderError("failed"); });
    if (!answer.ok) throw new ReaderError(Object.hasOwn(words, said.kind) ? said.kind : "failed");
    const { id_type, id_no, name, sex, birth, photo, signature = "" } = said;
    if (![id_type, id_no, name, sex, birth, signature].every((one) => typeof one === "string")) throw new ReaderError("failed");
    const bytes = photo && Uint8Array.from(atob(photo), (c) => c.charCodeAt(0));
    return { id_type, id_no, name, sex, birth, signature, photo: bytes ? new Blob([bytes], { type: "image/jpeg" }) : null };
  },
});

/* GB 11643: the last character from the seventeen before it. */
function residentNumber(first17) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((all, weight, i) => all + weight * Number(first17[i]), 0);
  return first17 + "10X98765432"[sum % 11];
}

function somebody() {
  const two = (n) => String(n).padStart(2, "0");
  const some = (n) => Math.floor(Math.random() * n);
  const day = `${1960 + some(40)}${two(1 + some(12))}${two(1 + some(28))}`;
  return residentNumber(`310105${day}${String(some(1000)).padStart(3, "0")}`);
}

/* A head and shoulders before white, coloured by the number. */
function portrait(number) {
  const canvas = document.createElement("canvas");
  const draw = canvas.getContext("2d");
  const hue = Number(number.slice(6, 14)) % 360;
  const oval = (colour, x, y, w, h) => {
    draw.fillStyle = colour;
    draw.beginPath();
    draw.ellipse(x, y, w, h, 0, 0, 2 * Math.PI);
    draw.fill();
  };

  canvas.width = 500;
  canvas.height = 700;
  draw.fillStyle = "#fcfcfc";
  draw.fillRect(0, 0, 500, 700);
  oval(`hsl(${hue} 45% 35%)`, 250, 720, 215, 210);
  oval("#e8b995", 250, 500, 62, 90);
  oval("#33261d", 250, 272, 142, 165);
  oval("#f0c8a4", 250, 318, 122, 160);
  oval("#2b2b2b", 203, 305, 12, 9);
  oval("#2b2b2b", 297, 305, 12, 9);
  oval("#b5614f", 250, 400, 34, 10);
  return new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.92); });
}

/* What a reader signs. */
export const statement = (challenge, card) =>
  new TextEncoder().encode(["ecert-card 1", challenge, card.id_type, card.id_no, card.name, ""].join("\n"));

async function sign(key, bytes) {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const der = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
  const secret = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign(algorithm, secret, bytes))));
}

const simulatedBy = (key) => ({
  name: "simulated",
  async available() { return true; },
  async read(signal, challenge = "") {
    const field = (id) => document.getElementById(id)?.value.trim().toUpperCase() || "";
    const number = field("card-no") || somebody();
    const day = number.slice(6, 14);

    if (!/^\d{17}[\dX]$/.test(number)) throw new ReaderError("unreadable");
    const card = {
      id_type: "111",
      id_no: number,
      name: document.getElementById("card-name")?.value.trim() || "演示人员",
      sex: Number(number[16]) % 2 ? "1" : "2",
      birth: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`,
      photo: await portrait(number),
    };
    return { ...card, signature: key && challenge ? await sign(key, statement(challenge, card)) : "" };
  },
});

/* Makes the page's reader work: `use` gets what was read. */
export function reader(use) {
  const place = document.querySelector("[data-reader]");
  if (!place) return;
  const driver = "demo" in place.dataset ? simulatedBy(place.dataset.key) : agentAt(PORT);
  const button = place.querySelector("[data-read]"), said = place.querySelector("[data-said]");
  let busy = false;

  async function read() {
    if (busy) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    said.textContent = "正在读取……";
    try {
      if (!await driver.available()) throw new ReaderError("unavailable");
      const card = await driver.read(AbortSignal.timeout(READ_MS), place.dataset.challenge);
      await use(card);
      said.textContent = `已读取：${card.name}`;
    } catch (error) {
      const kind = error instanceof ReaderError ? error.kind : "failed";
      said.textContent = error.text || words[kind];
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  }
  place.hidden = false;
  button.addEventListener("click", read);
}
