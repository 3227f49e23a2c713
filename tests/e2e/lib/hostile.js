"use strict";
/* Files nobody should send, made on the spot: { name, kind: "photo" | "paper", bytes, file, type, expect }.
 * expect: "refused", "clean" (taken, and nothing of `secret` is left), "either" (refused or clean). */

const crypto = require("crypto");
const zlib = require("zlib");
const { jpeg, portrait, segment } = require("./jpeg");

const secret = "s3cr3t-payload";
const script = `<script>alert("${secret}")</script>`;
const u16 = (n) => Buffer.from([n >> 8, n & 255]);
const text = (...parts) => Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part, "latin1"))));

/* The same numbers each time: what fails once fails again. */
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function damaged(bytes, seed, count) {
  const next = random(seed);
  const bad = Buffer.from(bytes);
  for (let i = 0; i < count; i++) bad[next(bad.length)] = next(256);
  return bad;
}

const at = (bytes, marker) => bytes.indexOf(Buffer.from([0xff, marker]));

/* The header's fields changed: start of frame with other dimensions, precision, components. */
function frame(bytes, { width, height, precision, components, sampling, marker } = {}) {
  const bad = Buffer.from(bytes);
  const sof = at(bad, 0xc0);
  if (marker !== undefined) bad[sof + 1] = marker;
  if (precision !== undefined) bad[sof + 4] = precision;
  if (height !== undefined) u16(height).copy(bad, sof + 5);
  if (width !== undefined) u16(width).copy(bad, sof + 7);
  if (components !== undefined) bad[sof + 9] = components;
  if (sampling !== undefined) bad[sof + 11] = sampling;
  return bad;
}

/* A progressive file whose first scan of DC values comes again and again. */
function manyScans(count) {
  const plain = portrait(1);
  const sof = at(plain, 0xc0), sos = at(plain, 0xda);
  const head = Buffer.from(plain.subarray(0, sos));
  head[sof + 1] = 0xc2;
  const scan = Buffer.concat([segment(0xda, [3], [1, 0, 2, 0, 3, 0], [0, 0, 0]), plain.subarray(sos + 14, plain.length - 2)]);
  return Buffer.concat([head, ...Array(count).fill(scan), Buffer.from([0xff, 0xd9])]);
}

/* A small refining scan thousands of times: few bytes, much work. */
function manyRefinements(count) {
  const plain = portrait(1);
  const sof = at(plain, 0xc0), sos = at(plain, 0xda);
  const head = Buffer.from(plain.subarray(0, sos));
  head[sof + 1] = 0xc2;
  const first = Buffer.concat([segment(0xda, [3], [1, 0, 2, 0, 3, 0], [0, 0, 0]), plain.subarray(sos + 14, plain.length - 2)]);
  const again = Buffer.concat([segment(0xda, [1], [1, 0], [0, 0, 0x10]), Buffer.from([0])]);
  return Buffer.concat([head, first, ...Array(count).fill(again), Buffer.from([0xff, 0xd9])]);
}

const zip = text("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0\x05\0\0\0\x01\0\0\0a", secret,
  "PK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x24\0\0\0\0\0");
const payloads = {
  html: text("<!doctype html><html><body>", script, "</body></html>"),
  gif: text("GIF89a/*", secret, "*/=1;alert(1)//"),
  zip,
  js: text(`*/alert("${secret}")/*`),
  php: text(`<?php system("${secret}"); ?>`),
  svg: text(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert('${secret}')"/>`),
  pdf: text(`%PDF-1.4\n1 0 obj<</S/JavaScript/JS(${secret})>>endobj\n%%EOF\n`),
  exe: text("MZ\x90\0", secret),
  shell: text(`#!/bin/sh\necho ${secret}\n`),
  jar: text("PK\x03\x04META-INF/", secret),
};

function polyglots() {
  const files = [];
  for (const [kind, payload] of Object.entries(payloads)) {
    files.push({ name: `${kind} in a comment`, bytes: portrait(2, { extra: [segment(0xfe, payload)] }), expect: "clean" });
    files.push({ name: `${kind} behind the end`, bytes: portrait(3, { tail: payload }), expect: "clean" });
    files.push({ name: `${kind} in an APP13`, bytes: portrait(4, { extra: [segment(0xed, "Photoshop 3.0\0", payload)] }), expect: "clean" });
    files.push({ name: `${kind} in front`, bytes: Buffer.concat([payload, portrait(5)]), expect: "refused" });
  }
  return files;
}

function metadata() {
  const tiff = text("Exif\0\0II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x20\0\0\0\x1a\0\0\0\0\0\0\0", script, "\0");
  const loop = text("Exif\0\0II*\0\x08\0\0\0\0\0\x08\0\0\0", secret);
  const files = [
    ["EXIF with a script", segment(0xe1, tiff)],
    ["EXIF that points at itself", segment(0xe1, loop)],
    ["EXIF with wild offsets", segment(0xe1, "Exif\0\0MM\0*", Buffer.alloc(64, 0xff), secret)],
    ["XMP with a script", segment(0xe1, "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>", script, "</x:xmpmeta>")],
    ["XMP with an entity bomb", segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [<!ENTITY a "', secret, '"><!ENTITY b "&a;&a;&a;">]>')],
    ["a profile of nothing", segment(0xe2, "ICC_PROFILE\0\x01\x01", secret)],
    ["a picture in the picture", segment(0xe1, "Exif\0\0", portrait(9, { extra: [segment(0xfe, secret)] }))],
    ["sixty comments", Buffer.concat(Array(60).fill(segment(0xfe, secret.repeat(200))))],
  ];
  return files.map(([name, part]) => ({ name, bytes: portrait(6, { extra: [part] }), expect: "clean" }));
}

function bombs() {
  const plain = portrait(1);
  const sizes = [[65535, 65535], [65000, 65000], [65535, 1], [1, 65535], [30000, 42000], [12000, 16800], [5001, 7001], [0, 0], [0, 413], [295, 0]];
  return [
    ...sizes.map(([width, height]) => ({ name: `claims ${width} × ${height}`, bytes: frame(plain, { width, height }), expect: "refused" })),
    ...[65, 100, 1000, 1500].map((count) => ({ name: `${count} scans`, bytes: manyScans(count), expect: "refused" })),
    ...[65, 1000, 10000, 100000].map((count) => ({ name: `${count} refinements`, bytes: manyRefinements(count), expect: "refused" })),
    { name: "five million zeros", bytes: Buffer.alloc(5 * 1024 * 1024), expect: "refused" },
    { name: "a picture and four million zeros", bytes: portrait(1, { tail: Buffer.alloc(4 * 1024 * 1024) }), expect: "clean" },
    { name: "more than five megabytes", bytes: portrait(1, { tail: Buffer.alloc(5 * 1024 * 1024) }), expect: "refused" },
  ];
}

function malformed() {
  const plain = portrait(1);
  const rows = [
    ["twelve bits", frame(plain, { precision: 12 })], ["no bits", frame(plain, { precision: 0 })],
    ["no components", frame(plain, { components: 0 })], ["255 components", frame(plain, { components: 255 })],
    ["two components", frame(plain, { components: 2 })], ["sampling 0", frame(plain, { sampling: 0 })],
    ["sampling 15", frame(plain, { sampling: 0xff })], ["lossless", frame(plain, { marker: 0xc3 })],
    ["arithmetic", frame(plain, { marker: 0xc9 })], ["hierarchical", frame(plain, { marker: 0xc5 })],
    ["reserved frame", frame(plain, { marker: 0xc8 })], ["progressive that is not", frame(plain, { marker: 0xc2 })],
    ["no tables", Buffer.concat([plain.subarray(0, at(plain, 0xdb)), plain.subarray(at(plain, 0xc0))])],
    ["a table of 256 codes of one bit", Buffer.concat([plain.subarray(0, at(plain, 0xda)),
      segment(0xc4, [0], [255, ...Array(15).fill(0)], Buffer.alloc(255)), plain.subarray(at(plain, 0xda))])],
    ["a segment of length 0", Buffer.concat([plain.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 0]), plain.subarray(2)])],
    ["a segment of length 1", Buffer.concat([plain.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 1]), plain.subarray(2)])],
    ["a segment longer than the file", Buffer.concat([plain.subarray(0, 2), Buffer.from([0xff, 0xfe, 0xff, 0xff]), plain.subarray(2)])],
    ["two frames", Buffer.concat([plain.subarray(0, at(plain, 0xc4)), plain.subarray(at(plain, 0xc0), at(plain, 0xc4)), plain.subarray(at(plain, 0xc4))])],
    ["nothing but markers", Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(5000, 0xff), Buffer.from([0xff, 0xd9])])],
    ["only the start", Buffer.from([0xff, 0xd8, 0xff])], ["start and end", Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
    ["no end", plain.subarray(0, plain.length - 2)], ["turned round", Buffer.from(plain).reverse()],
    ["CMYK", jpeg(295, 413, () => [255, 255, 255], { extra: [segment(0xee, "Adobe\0\x64\0\0\0\0\x02")] }).fill(4, 0, 0)],
  ];
  return rows.map(([name, bytes]) => ({ name, bytes, expect: ["CMYK", "a segment of length 0", "a segment of length 1"].includes(name) ? "either" : "refused" }));
}

function otherTypes() {
  const png = text("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\x86\xa0\0\x01\x86\xa0\x08\x02\0\0\0\0\0\0\0");
  const rows = {
    "a PNG": text("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "a PNG bomb": Buffer.concat([png, zlib.deflateSync(Buffer.alloc(1 << 20))]),
    "a GIF": payloads.gif, "a BMP": text("BM", Buffer.alloc(200)), "a WebP": text("RIFF\xff\0\0\0WEBPVP8 ", Buffer.alloc(100)),
    "a TIFF": text("II*\0", Buffer.alloc(100)), "a big-endian TIFF": text("MM\0*", Buffer.alloc(100)),
    "a HEIC": text("\0\0\0\x18ftypheic", Buffer.alloc(100)), "an AVIF": text("\0\0\0\x1cftypavif", Buffer.alloc(100)),
    "a JPEG 2000": text("\0\0\0\x0cjP  \r\n\x87\n"), "a JPEG XL": text("\xff\x0a", Buffer.alloc(50)), "a PDF": payloads.pdf,
    "an SVG with a script": payloads.svg, "an HTML page": payloads.html, "a script": payloads.js, "a PHP page": payloads.php,
    "a ZIP": zip, "a Word file": text("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Buffer.alloc(500)), "an EXE": payloads.exe,
    "an ELF": text("\x7fELF\x02\x01\x01", Buffer.alloc(100)), "a class file": text("\xca\xfe\xba\xbe\0\0\0\x34"),
    "a video": text("\0\0\0\x18ftypmp42", Buffer.alloc(100)), "a gzip bomb": zlib.gzipSync(Buffer.alloc(1 << 24)),
    "an XML bomb": text('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'),
    "one byte": Buffer.from([0]), "NULs": Buffer.alloc(100), "random bytes": damaged(Buffer.alloc(4000), 7, 8000),
    "UTF-8 text": Buffer.from("这不是照片".repeat(100)),
  };
  return Object.entries(rows).map(([name, bytes]) => ({ name, bytes, expect: "refused" }));
}

function broken(whole) {
  const files = [];
  for (let i = 1; i <= 36; i++)
    files.push({ name: `cut at ${i}/37`, bytes: whole.subarray(0, Math.floor((whole.length * i) / 37)), expect: "refused" });
  for (let seed = 1; seed <= 36; seed++)
    files.push({ name: `damaged ${seed}`, bytes: damaged(whole, seed, 1 + (seed % 6)), expect: "either" });
  return files;
}

/* Names that mean harm, of a photo that is good. */
function names() {
  const rows = ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "C:\\a.jpg", "a.jpg.exe", "a.php.jpg", "a.jpg;.exe", ".htaccess",
    "con", "nul.jpg", "a\u202egpj.exe", "a\u200b.jpg", "张三的照片.jpg", "x".repeat(300) + ".jpg", "😀".repeat(60), "<img src=x onerror=alert(1)>.jpg",
    "'; DROP TABLE person; --.jpg", "%2e%2e%2fa.jpg", "a%00.jpg", "a\tb.jpg", "-rf", "~/.ssh/id", "\\\\host\\share\\a.jpg", "..."];
  return rows.map((file, i) => ({ name: `named ${JSON.stringify(file.slice(0, 30))}`, bytes: portrait(20 + i), file, expect: "either" }));
}

const photos = (whole) => [...broken(whole), ...polyglots(), ...metadata(), ...bombs(), ...malformed(), ...otherTypes(), ...names(),
  { name: "empty", bytes: Buffer.alloc(0), expect: "refused" }].map((file) => ({ kind: "photo", ...file }));

/* PDF: objects numbered from 1, with a right table; a page with more in catalog and page. */
function pdf(objects, trailer = "/Root 1 0 R") {
  let file = Buffer.from("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", "latin1");
  const starts = [];
  objects.forEach((object, i) => {
    starts.push(file.length);
    file = Buffer.concat([file, text(`${i + 1} 0 obj\n`, object, "\nendobj\n")]);
  });
  const table = starts.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`).join("");
  return Buffer.concat([file, text(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} ${trailer} >>\n` +
    `startxref\n${file.length}\n%%EOF\n`)]);
}
const page = (catalog = "", more = "", ...objects) => pdf([
  `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R ${more} >>`,
  "<< /Length 33 >>\nstream\nBT /F1 12 Tf 9 9 Td (paper) Tj ET\nendstream", ...objects]);
const stream = (dict, bytes) => text(`<< /Length ${bytes.length} ${dict} >>\nstream\n`, bytes, "\nendstream");

function activePapers() {
  const js = `<< /S /JavaScript /JS (app.alert\\("${secret}"\\)) >>`;
  const rows = {
    "a script on opening": page(`/OpenAction ${js}`), "a script in the names": page("/Names << /JavaScript << /Names [(a) 5 0 R] >> >>", "", js),
    "a script in disguise": page("/Open#41ction << /S /J#61vaScript /J#53 (1) >>"),
    "a script on closing": page(`/AA << /WC ${js} >>`), "a script on a page": page("", `/AA << /O ${js} >>`),
    "a script in a link": page("", "/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A 5 0 R >>]", js),
    "a script behind a link": page("", `/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (a) /Next [${js}] >> >>]`),
    "a program to start": page("/OpenAction << /S /Launch /Win << /F (cmd.exe) >> >>"),
    "a file in it": page("/Names << /EmbeddedFiles << /Names [(a) 5 0 R] >> >>", "", "<< /Type /Filespec /EF << /F 6 0 R >> >>",
      stream("/Type /EmbeddedFile", Buffer.from(secret))),
    "a file beside it": page("", "/Annots [<< /Subtype /FileAttachment /Rect [0 0 9 9] >>]"),
    "a form that sends": page("/AcroForm << /Fields [5 0 R] >>", "", "<< /FT /Btn /T (a) /A << /S /SubmitForm /F (http://a) >> >>"),
    "a form of XFA": page("/AcroForm << /Fields [] /XFA [(a) 5 0 R] >>", "", stream("", Buffer.from(script))),
    "a film": page("", "/Annots [<< /Subtype /RichMedia /Rect [0 0 9 9] >>]"), "a screen": page("", "/Annots [<< /Subtype /Screen /Rect [0 0 9 9] >>]"),
    "a 3D model": page("", "/Annots [<< /Subtype /3D /Rect [0 0 9 9] >>]"), "a portfolio": page("/Collection << /View /D >>"),
    "a stream from elsewhere": page("", "/Resources << /XObject << /X 5 0 R >> >>", "<< /F (http://a/) /Length 0 >>\nstream\n\nendstream"),
    "an import of data": page("/OpenAction << /S /ImportData /F (a) >>"), "another file": page("/OpenAction << /S /GoToR /F (a.pdf) /D [0 /Fit] >>"),
    "an embedded go-to": page("/OpenAction << /S /GoToE /T << /R /C >> >>"), "associated files": page("/AF [5 0 R]", "", "<< /Type /Filespec >>"),
  };
  return Object.entries(rows).map(([name, bytes]) => ({ name: `PDF: ${name}`, bytes, expect: "refused" }));
}

function papers() {
  const good = page("/Metadata 5 0 R", "", stream("/Type /Metadata", text(script)));
  const zeros = zlib.deflateSync(Buffer.alloc(80 << 20));
  const twice = zlib.deflateSync(zlib.deflateSync(Buffer.alloc(160 << 20)));
  const rows = {
    "with something in front": [Buffer.concat([text("GIF89a"), good]), "refused"],
    "with a ZIP behind": [Buffer.concat([good, zip]), "refused"], "with HTML behind": [Buffer.concat([good, payloads.html]), "refused"],
    "with an unseen object": [page("", "", `<< /Hidden (${secret}) >>`), "clean"], "with metadata": [good, "clean"],
    "with a comment": [Buffer.concat([good.subarray(0, 9), text(`%${script}\n`), good.subarray(9)]), "refused"],
    "a bomb": [page("", "/Resources << /XObject << /X 5 0 R >> >>", stream("/Filter /FlateDecode", zeros)), "refused"],
    "a bomb in a bomb": [page("", "/Resources << /XObject << /X 5 0 R >> >>", stream("/Filter [/FlateDecode /FlateDecode]", twice)), "refused"],
    "a picture bomb": [page("", "/Resources << /XObject << /X 5 0 R >> >>", stream("/Subtype /Image /Width 99999 /Height 99999", Buffer.alloc(1))), "refused"],
    "a JPEG bomb": [page("", "/Resources << /XObject << /X 5 0 R >> >>", stream("/Subtype /Image /Filter /DCTDecode /Width 9 /Height 9",
      frame(portrait(1), { width: 65535, height: 65535 }))), "refused"],
    "pages in a loop": [pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [2 0 R] >>"]), "refused"],
    "no page": [pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 0 /Kids [] >>"]), "refused"],
    "a thousand pages": [pdf(["<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Count 1000 /Kids [${"3 0 R ".repeat(1000)}] >>`,
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"]), "refused"],
    "depth": [page(`/Deep ${"[".repeat(400)}${"]".repeat(400)}`), "refused"], "more depth": [page(`/Deep ${"[".repeat(100000)}`), "refused"],
    "width": [page("", `/Wide [${"0 ".repeat(600000)}]`), "refused"], "many objects": [page(`/Many [${Array.from({ length: 30000 }, (_, i) => `${i + 5} 0 R`).join(" ")}]`, "",
      ...Array(30000).fill("<< /A 1 >>")), "refused"],
    "a length that lies": [page("", "/Resources 5 0 R", "<< /Length 999999999 >>\nstream\nx\nendstream"), "refused"],
    "a negative length": [page("", "/Resources 5 0 R", "<< /Length -1 >>\nstream\nx\nendstream"), "refused"],
    "a table that loops": [text(good, `xref\n0 0\ntrailer\n<< /Root 1 0 R /Size 5 /Prev ${good.length} >>\nstartxref\n${good.length}\n%%EOF\n`), "refused"],
    "a size that lies": [Buffer.from(good.toString("latin1").replace("/Size 6", "/Size 999999999"), "latin1"), "either"],
    "a password": [pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>",
      `<< /Filter /Standard /V 1 /R 2 /P -4 /O <${"28".repeat(32)}> /U <${"28".repeat(32)}> >>`], "/Root 1 0 R /Encrypt 3 0 R /ID [<00> <00>]"), "refused"],
    "a head alone": [text("%PDF-1.7\n"), "refused"], "a head and an end": [text("%PDF-1.7\n%%EOF\n"), "refused"],
    "no root": [pdf(["<< /Type /Catalog >>"], "/Info 1 0 R"), "refused"], "a root that is a number": [pdf(["7"]), "refused"],
    "objects that are each other": [pdf(["2 0 R", "1 0 R"]), "refused"],
  };
  const files = Object.entries(rows).map(([name, [bytes, expect]]) => ({ name: `PDF ${name}`, bytes, expect }));
  for (let i = 1; i <= 12; i++) files.push({ name: `PDF cut at ${i}/13`, bytes: good.subarray(0, Math.floor((good.length * i) / 13)), expect: "refused" });
  for (let seed = 1; seed <= 30; seed++) files.push({ name: `PDF damaged ${seed}`, bytes: damaged(good, seed, 1 + (seed % 8)), expect: "either" });
  return [...activePapers(), ...files].map((file) => ({ kind: "paper", file: "scan.pdf", type: "application/pdf", ...file }));
}

/* Bodies that are no form: [name, headers, body, status]. `fields` are the form's own. */
function bodies(fields) {
  const b = `x${crypto.randomBytes(8).toString("hex")}`;
  const field = ([name, value]) => `--${b}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const own = fields.map(field).join("");
  const photo = (head = 'form-data; name="photo"; filename="a.jpg"', more = "") =>
    text(`--${b}\r\nContent-Disposition: ${head}\r\nContent-Type: image/jpeg\r\n${more}\r\n`, portrait(1), "\r\n");
  const end = `--${b}--\r\n`;
  const type = `multipart/form-data; boundary=${b}`;
  return [
    ["no boundary", "multipart/form-data", text(own, photo(), end)],
    ["another boundary", "multipart/form-data; boundary=other", text(own, photo(), end)],
    ["an endless boundary", `multipart/form-data; boundary=${"b".repeat(500)}`, text(own, photo(), end)],
    ["no end", type, text(own, photo())], ["an end in the middle", type, text(own, end, photo(), end)],
    ["something in front", type, text("hello\r\n", own, photo(), end)], ["something behind", type, text(own, photo(), end, "hello")],
    ["the photo twice", type, text(own, photo(), photo(), end)], ["a field twice", type, text(own, field(["origin", "a"]), photo(), end)],
    ["the token twice", type, text(own, field(["_csrf", "a"]), photo(), end)],
    ["a photo that is text", type, text(own, field(["photo", "a"]), end)], ["a text that is a file", type, text(own, photo('form-data; name="origin"; filename="a"'), end)],
    ["nested parts", type, text(own, photo(undefined, "Content-Type: multipart/mixed; boundary=y\r\n"), end)],
    ["a part in base64", type, text(own, photo(undefined, "Content-Transfer-Encoding: base64\r\n"), end)],
    ["an encoded name", type, text(own, photo("form-data; name=\"photo\"; filename*=UTF-8''a.jpg"), end)],
    ["a name with a NUL", type, text(own, photo('form-data; name="photo"; filename="a\0.jpg"'), end)],
    ["a name that turns", type, text(own, Buffer.from(`--${b}\r\nContent-Disposition: form-data; name="photo"; filename="a\u202egpj.exe"\r\n\r\nx\r\n`), end)],
    ["an endless name", type, text(own, photo(`form-data; name="photo"; filename="${"a".repeat(5000)}.jpg"`), end)],
    ["a hundred header lines", type, text(own, photo(undefined, "X: y\r\n".repeat(100)), end)],
    ["three hundred fields", type, text(own, Array.from({ length: 300 }, (_, i) => field([`f${i}`, "x"])).join(""), photo(), end)],
    ["no name", type, text(own, photo("form-data; filename=\"a.jpg\""), end)], ["no disposition", type, text(own, `--${b}\r\n\r\nx\r\n`, end)],
    ["an attachment", type, text(own, photo("attachment; name=\"photo\"; filename=\"a.jpg\""), end)],
    ["another type", "application/json", text("{}")], ["no type", "", text(own, photo(), end)],
    ["urlencoded", "application/x-www-form-urlencoded", text(own)], ["empty", type, Buffer.alloc(0)],
  ].map(([name, header, body]) => ({ name, header, body }));
}

module.exports = { photos, papers, bodies, secret };
