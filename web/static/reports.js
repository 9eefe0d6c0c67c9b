// Station reports: how many are chosen of each device, and their size together against what one zip may have.
(() => {
  const form = document.getElementById("reports");
  if (!form) return;
  const most = Number(form.dataset.most);
  const fault = document.getElementById("e-reports");
  const boxes = (within) => [...within.querySelectorAll("input[name=report]")];
  const count = () => {
    let size = 0;
    form.querySelectorAll("[data-reports-of]").forEach((group) => {
      const chosen = boxes(group).filter((one) => one.checked);
      group.querySelector("[data-chosen-count]").textContent = String(chosen.length);
      group.querySelector("[data-choose-all]").checked = chosen.length === boxes(group).length;
      size += chosen.reduce((sum, one) => sum + Number(one.dataset.size), 0);
    });
    form.querySelector("[data-chosen-size]").textContent = (size / 1e6).toFixed(1);
    fault.hidden = size <= most;
    if (size > most) fault.textContent = fault.dataset.tooMany;
    return size;
  };
  form.addEventListener("change", (event) => {
    if ("chooseAll" in event.target.dataset) {
      boxes(event.target.closest("[data-reports-of]")).forEach((one) => { one.checked = event.target.checked; });
    }
    count();
  });
  const told = !fault.hidden;
  count();
  if (told) fault.hidden = false; // what EVCE said stays until another choice is made
})();
