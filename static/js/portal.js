/* What JavaScript adds: it removes waiting and typing. Every page works without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  /* Copy: both text/html and text/plain; where the clipboard is closed, the text is selected instead. */
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const toClipboard = (node) => {
    const plain = node.innerText;
    if (!("html" in node.dataset)) return navigator.clipboard.writeText(plain);
    const part = (type, text) => ({ [type]: new Blob([text], { type }) });
    return navigator.clipboard.write([new ClipboardItem({ ...part("text/html", node.innerHTML), ...part("text/plain", plain) })]);
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const node = document.querySelector(button.dataset.copy);
    const status = document.querySelector(button.dataset.status || "#announcements");
    let text = button.dataset.copied;
    try {
      await toClipboard(node);
    } catch {
      select(node);
      text = button.dataset.selected;
    }
    status.textContent = "";
    setTimeout(() => { status.textContent = text; }, 50);
  });

  /* A second click on a submit button sends nothing; the first click's name and value are still sent. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if ("sent" in form.dataset) return event.preventDefault();
    form.dataset.sent = "";
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  });

  /* Keep what is being typed: every ten seconds, when something changed. */
  const keepTyping = (form) => {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    setInterval(async () => {
      if (!changed || "sent" in form.dataset) return;
      changed = false;
      try {
        const answer = await fetch(form.dataset.keep, { method: "POST", body: new FormData(form) });
        if (!answer.ok) throw new Error(answer.statusText);
        document.querySelector("#kept").textContent = await answer.text();
      } catch {
        changed = true;
      }
    }, 10000);
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelector(".errors")?.focus();
    document.querySelectorAll("form[data-keep]").forEach(keepTyping);

    /* The contents list shows which section is being read. */
    const links = new Map([...document.querySelectorAll(".toc a[href^='#']")].map((link) => [link.hash.slice(1), link]));
    const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (!entry.isIntersecting) return;
      links.forEach((link) => link.classList.remove("here"));
      links.get(entry.target.id).classList.add("here");
    }), { rootMargin: "0px 0px -75% 0px" });
    links.forEach((_link, id) => {
      const section = document.getElementById(id);
      if (section) watcher.observe(section);
    });
  });
})();
