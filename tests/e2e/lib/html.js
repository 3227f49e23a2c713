"use strict";
/* Just enough of HTML to use our own pages as a browser without scripts does. */

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'", nbsp: "\u00a0" };

function decode(text) {
  return text.replace(/&(#?\w+);/g, (whole, name) => {
    if (name in entities) return entities[name];
    const number = name.match(/^#(?:x([0-9a-f]+)|(\d+))$/i);
    return number ? String.fromCodePoint(number[1] ? parseInt(number[1], 16) : Number(number[2])) : whole;
  });
}

function attributes(tag) {
  const found = {};
  for (const [, name, , quoted, bare] of tag.matchAll(/\s([\w-]+)(=("([^"]*)"|[^\s>]+))?/g))
    found[name] = quoted === undefined ? "" : decode(bare === undefined ? quoted : bare);
  return found;
}

/* All forms: where they go, how, and the fields they carry. */
function forms(html) {
  return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([whole]) => {
    const form = attributes(whole.match(/^<form\b[^>]*>/)[0]);
    const inputs = [...whole.matchAll(/<input\b[^>]*>/g)].map(([tag]) => attributes(tag));
    return {
      action: form.action || "",
      method: (form.method || "get").toUpperCase(),
      fields: inputs
        .filter((input) => input.name && !["checkbox", "radio"].includes(input.type))
        .map((input) => [input.name, input.value || ""]),
      boxes: inputs.filter((input) => input.type === "checkbox").map((input) => [input.name, input.value]),
      html: whole,
    };
  });
}

function links(html) {
  return [...html.matchAll(/<a\b[^>]*>/g)].map(([tag]) => attributes(tag).href).filter(Boolean);
}

/* What a reader sees of <main>, blanks made one. */
function text(html) {
  const main = html.match(/<main\b[^>]*>([\s\S]*?)<\/main>/);
  return decode((main ? main[1] : html).replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();
}

function title(html) {
  return decode((html.match(/<title>([^<]*)/) || ["", ""])[1]);
}

module.exports = { decode, forms, links, text, title };
