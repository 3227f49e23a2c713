"use strict";
/* A form with files, as a browser sends it. A file is { name, file, type, bytes }. */

const crypto = require("crypto");

/* { body, headers } of fields [[name, value]] and files. */
function multipart(fields, files = []) {
  const boundary = `----ecert${crypto.randomBytes(12).toString("hex")}`;
  const parts = [];
  for (const [name, value] of fields)
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  for (const { name, file = "photo.jpg", type = "image/jpeg", bytes } of files)
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${file}"\r\n` +
      `Content-Type: ${type}\r\n\r\n`, bytes, "\r\n");
  parts.push(`--${boundary}--\r\n`);
  return { body: Buffer.concat(parts.map((part) => Buffer.from(part))),
    headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` } };
}

module.exports = { multipart };
