/* Adds comfort to pages that work without it: dialogs, tick all, no double sending, progress. */
(function () {
  "use strict";

  var POLL_MS = 2000, POLL_MOST_MS = 15000;

  function get(url, accept) {
    return fetch(url, { headers: { Accept: accept }, credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return answer;
    });
  }

  function getPage(url) {
    return get(url, "text/html").then(function (answer) {
      return answer.text();
    }).then(function (text) {
      return new DOMParser().parseFromString(text, "text/html");
    });
  }

  /* A form or link with data-dialog opens the page it leads to as a dialog over this one. */
  function showDialog(page) {
    var content = page.querySelector("main");
    var dialog = document.createElement("dialog");
    var heading = content.querySelector("h1");

    dialog.append.apply(dialog, Array.from(content.childNodes));
    heading.id = "dialog-title";
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.addEventListener("close", function () { dialog.remove(); });
    dialog.addEventListener("click", function (event) {
      /* The second half of the double click that opened it was meant for what lies below. */
      if (event.detail > 1) event.preventDefault();
      else if (event.target.closest("[data-close]")) {
        event.preventDefault();
        dialog.close();
      }
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  function openDialog(event) {
    var form = event.target;
    var url;

    if (!form.matches("form[data-dialog]") || !window.HTMLDialogElement) return;
    event.preventDefault();
    if (form.dataset.asked) return; /* a double click asks for one dialog */
    form.dataset.asked = "1";
    url = form.action + "?" + new URLSearchParams(new FormData(form));
    getPage(url).then(showDialog).catch(function () { location.assign(url); }).then(function () {
      delete form.dataset.asked;
    });
  }

  /* The server does a form once however often it comes; this spares the clerk the doubt. What is answered
   * by a file leaves the page as it is, so it may be sent again. */
  function sendOnce(event) {
    var form = event.target;
    var button = form.querySelector("button");

    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-download]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    if (button) button.setAttribute("aria-disabled", "true");
  }

  function release() {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach(function (button) {
        button.removeAttribute("aria-disabled");
      });
    });
  }

  /* One box in the table's head ticks all rows. */
  function tickAll(cell) {
    var boxes = cell.closest("table").querySelectorAll("tbody input[type=checkbox]");
    var all = document.createElement("input");

    function show() {
      var ticked = Array.from(boxes).filter(function (box) { return box.checked; }).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    all.type = "checkbox";
    all.setAttribute("aria-label", "全选本页");
    all.addEventListener("change", function () {
      boxes.forEach(function (box) { box.checked = all.checked; });
    });
    boxes.forEach(function (box) { box.addEventListener("change", show); });
    cell.replaceChildren(all);
    show();
  }

  /* While documents are made: ask for the figures, and fetch the page when they have changed. */
  function poll() {
    var last = null, pause = POLL_MS;

    function renew(page) {
      var next = page.getElementById("live");
      if (!next) throw new Error("the page is gone");
      document.getElementById("live").replaceWith(next);
      document.title = page.title;
    }
    function again() {
      if (document.querySelector("#live[data-poll]")) setTimeout(ask, pause);
    }
    function ask() {
      get(location.href, "application/json").then(function (answer) {
        return answer.text();
      }).then(function (figures) {
        var changed = last !== null && figures !== last;
        var over = !JSON.parse(figures).running;

        last = figures;
        pause = changed ? POLL_MS : Math.min(pause * 1.2, POLL_MOST_MS);
        return changed || over ? getPage(location.href).then(renew) : null;
      }).catch(function () { pause = POLL_MOST_MS; }).then(again);
    }
    again();
  }

  document.addEventListener("submit", openDialog);
  document.addEventListener("submit", sendOnce);
  window.addEventListener("pageshow", release);
  document.querySelectorAll("[data-all]").forEach(tickAll);
  var errors = document.getElementById("errors");
  if (errors) errors.focus();
  poll();
})();
