(() => {
  "use strict";
  const find = id => document.getElementById(id);
  const tools = find("tools");
  if (!tools) return;
  const words = find("words"), short = find("short");
  const rows = [...find("weeks").tBodies[0].rows];
  const show = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const name = row.cells[0].textContent.toLowerCase();
      row.hidden = !asked.every(word => name.includes(word)) || Boolean(short?.checked && !("short" in row.dataset));
      count += !row.hidden;
    }
    for (const form of find("shown").children)
      form.textContent = form.dataset.form.replace("%1", count).replace("%2", rows.length);
  };
  tools.addEventListener("submit", event => event.preventDefault());
  words.addEventListener("input", show);
  short?.addEventListener("change", show);
  tools.hidden = false;
  show();
})();
