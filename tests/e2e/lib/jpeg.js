"use strict";
/* JPEG files made on the spot: baseline, grey or YCbCr without subsampling, blocks of one colour each
 * (DC alone). Enough for photos with a ground and a head, and for files that are wrong on purpose. */

/* Of ITU T.81, K.3: lengths of the DC codes of the categories 0 to 11. */
const DC_BITS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_CODES = [["00", 2], ["010", 3], ["011", 3], ["100", 3], ["101", 3], ["110", 3], ["1110", 4], ["11110", 5],
  ["111110", 6], ["1111110", 7], ["11111110", 8], ["111111110", 9]].map(([bits]) => bits);
const EOB = "00"; /* our AC table has one code of two bits */

const u16 = (n) => Buffer.from([n >> 8, n & 255]);
const segment = (marker, ...parts) => {
  const body = Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part))));
  return Buffer.concat([Buffer.from([0xff, marker]), u16(body.length + 2), body]);
};

function entropy(bits) {
  const bytes = [];
  const padded = bits + "1".repeat((8 - (bits.length % 8)) % 8);
  for (let i = 0; i < padded.length; i += 8) {
    const byte = parseInt(padded.slice(i, i + 8), 2);
    bytes.push(byte);
    if (byte === 0xff) bytes.push(0);
  }
  return Buffer.from(bytes);
}

function difference(value) {
  const size = value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
  const rest = size === 0 ? "" : (value > 0 ? value : value + (1 << size) - 1).toString(2).padStart(size, "0");
  return DC_CODES[size] + rest;
}

/* colour(x, y) of each block's middle: [r, g, b]. options: grey, extra (segments behind SOI), tail. */
function jpeg(width, height, colour, { grey = false, extra = [], tail = Buffer.alloc(0) } = {}) {
  const components = grey ? 1 : 3;
  const last = [0, 0, 0];
  const parts = [];
  for (let y = 0; y < Math.ceil(height / 8); y++) {
    let bits = "";
    for (let x = 0; x < Math.ceil(width / 8); x++) {
      const [r, g, b] = colour(x * 8 + 4, y * 8 + 4);
      const ycc = [0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.168736 * r - 0.331264 * g + 0.5 * b,
        128 + 0.5 * r - 0.418688 * g - 0.081312 * b];
      for (let c = 0; c < components; c++) {
        const dc = Math.round(ycc[c] - 128); /* quantised by 8, as the DC of a flat block is 8 times its value */
        bits += difference(dc - last[c]) + EOB;
        last[c] = dc;
      }
    }
    parts.push(bits);
  }
  const ids = Array.from({ length: components }, (_, i) => i + 1);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from("JFIF\0"), [1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...extra,
    segment(0xdb, [0], Buffer.alloc(64, 8)),
    segment(0xc0, [8], u16(height), u16(width), [components], ids.flatMap((id) => [id, 0x11, 0])),
    segment(0xc4, [0x00], DC_BITS, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    segment(0xc4, [0x10], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0]),
    segment(0xda, [components], ids.flatMap((id) => [id, 0]), [0, 63, 0]),
    entropy(parts.join("")),
    Buffer.from([0xff, 0xd9]),
    tail,
  ]);
}

/* Head and shoulders before a ground; the seed makes each another person's. */
function portrait(seed = 0, { width = 295, height = 413, ground = [250, 250, 250], ...options } = {}) {
  const inside = (x, y, cx, cy, rx, ry) => ((x - cx * width) / (rx * width)) ** 2 + ((y - cy * height) / (ry * height)) ** 2 < 1;
  const shirt = [40 + (seed * 37) % 160, 40 + (seed * 53) % 160, 60 + (seed * 71) % 160];
  return jpeg(width, height, (x, y) => {
    if (inside(x, y, 0.5, 0.46, 0.24, 0.23)) return [235, 200, 170];
    if (inside(x, y, 0.5, 0.38, 0.28, 0.23)) return [50, 40, 30];
    if (inside(x, y, 0.5, 1.05, 0.44, 0.32)) return shirt;
    return ground;
  }, options);
}

module.exports = { jpeg, portrait, segment };
