(() => {
  "use strict";
  const PAGE = 25;
  const find = id => document.getElementById(id);
  const tools = find("tools");
  if (!tools) return;
  const words = find("words"), department = find("department"), order = find("order"), pinned = find("pinned");
  const body = find("pair-table").tBodies[0];
  const rows = [...body.rows].map(element => ({
    element,
    score: Number(element.dataset.score),
    mentor: element.dataset.mentor,
    mentee: element.dataset.mentee,
    of: JSON.parse(element.dataset.of),
    pinned: "pinned" in element.dataset,
    text: element.textContent.toLowerCase(),
  }));
  const by = field => (one, other) => one[field] < other[field] ? -1 : one[field] > other[field] ? 1 : 0;
  const orders = {
    lowest: (one, other) => one.score - other.score,
    highest: (one, other) => other.score - one.score,
    mentor: by("mentor"),
    mentee: by("mentee"),
  };
  let first = 0;
  const show = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter(row =>
      asked.every(word => row.text.includes(word))
      && (!department.value || row.of.includes(department.value))
      && (!pinned || !pinned.checked || row.pinned));
    const kept = new Set(found);
    first = Math.max(0, Math.min(first, Math.floor((found.length - 1) / PAGE) * PAGE));
    for (const row of rows) row.element.hidden = !kept.has(row);
    found.forEach((row, at) => row.element.classList.toggle("away", at < first || at >= first + PAGE));
    for (const form of find("shown").querySelectorAll("[data-form]")) {
      const written = number => number.toLocaleString(form.lang);
      const last = Math.min(first + PAGE, found.length);
      form.textContent = !found.length ? form.dataset.none
        : form.dataset.form.replace("%1", written(first + 1)).replace("%2", written(last)).replace("%3", written(found.length));
    }
    find("before").setAttribute("aria-disabled", String(first === 0));
    find("after").setAttribute("aria-disabled", String(first + PAGE >= found.length));
  };
  const sort = () => {
    rows.sort(orders[order.value]);
    body.append(...rows.map(row => row.element));
  };
  const turn = pages => event => {
    if (event.currentTarget.getAttribute("aria-disabled") === "true") return;
    first += pages * PAGE;
    show();
  };
  const anew = () => { first = 0; show(); };
  tools.addEventListener("submit", event => event.preventDefault());
  words.addEventListener("input", anew);
  department.addEventListener("change", anew);
  if (pinned) pinned.addEventListener("change", anew);
  order.addEventListener("change", () => { sort(); anew(); });
  find("before").addEventListener("click", turn(-1));
  find("after").addEventListener("click", turn(1));
  tools.hidden = false;
  find("pager").hidden = rows.length <= PAGE;
  show();
})();
