// What people do on the pages: select and stop sessions, close notes, open the tree on a phone.
(() => {
  const dialog = document.getElementById("stop-dialog");
  const picks = () => [...document.querySelectorAll("[data-pick]")];
  const chosen = () => picks().filter((box) => box.checked);

  const showSelection = () => {
    const count = chosen().length, all = document.querySelector("[data-pick-all]");
    document.querySelectorAll("#running [data-stop]").forEach((button) => { button.disabled = count === 0; });
    document.querySelectorAll("[data-selected]").forEach((note) => {
      note.hidden = count === 0;
      note.querySelector("b").textContent = count;
    });
    if (all) { all.checked = count > 0 && count === picks().length; all.indeterminate = count > 0 && !all.checked; }
  };

  const askToStop = (targets, forced) => {
    if (!targets.length) return;
    dialog.dataset.mode = forced ? "forced" : "soft";
    const title = dialog.querySelector("#stop-title");
    title.textContent = forced ? title.dataset.forced : title.dataset.soft;
    const submit = dialog.querySelector("[type=submit]");
    submit.textContent = forced ? submit.dataset.forcedText : submit.dataset.softText;
    dialog.querySelector(".stop-list").replaceChildren(...targets.map(({ label }) => {
      const line = document.createElement("li");
      line.textContent = label;
      return line;
    }));
    const field = (name, value) => Object.assign(document.createElement("input"), { type: "hidden", name, value });
    dialog.querySelector(".stop-fields").replaceChildren(
      field("forced", forced ? "1" : "0"), ...targets.map(({ key }) => field("connector", key)));
    dialog.showModal();
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) picks().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-pick], [data-pick-all]")) showSelection();
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const stop = event.target.closest("[data-stop]");
    if (stop) {
      const one = stop.dataset.stopOne;
      const targets = one ? [{ key: one, label: stop.dataset.label }]
        : chosen().map((box) => ({ key: box.value, label: box.dataset.label }));
      askToStop(targets, stop.dataset.stop === "forced");
    }
    if (event.target.closest("[data-close]") || event.target === dialog) dialog.close();
    event.target.closest("[data-dismiss]")?.closest(".toast-note").remove();
    if (event.target.closest("[data-tree-toggle]")) document.body.classList.toggle("tree-open");
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!dialog.contains(event.detail.elt)) return;
    dialog.close();
    picks().forEach((box) => { box.checked = false; });
    showSelection();
  });

  // Notes go by themselves, those of trouble stay longer.
  const toasts = document.getElementById("toasts");
  const letGo = (note) => {
    if (note instanceof Element) setTimeout(() => note.remove(), note.matches(".t-success") ? 6000 : 15000);
  };
  [...toasts.children].forEach(letGo);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(letGo)))
    .observe(toasts, { childList: true });

  // On a phone the navigation of the settings is wider than the screen.
  document.querySelector(".subnav .here, .way-steps .step-here")?.scrollIntoView({ block: "nearest", inline: "center" });

  document.body.addEventListener("htmx:afterSettle", showSelection);
  showSelection();
})();
