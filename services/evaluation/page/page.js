(() => {
  "use strict";
  // On paper nobody can unfold anything: what has a table is printed with it.
  const folded = () => document.querySelectorAll("details.on-paper:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => { opened = [...folded()]; for (const each of opened) each.open = true; });
  addEventListener("afterprint", () => { for (const each of opened) each.open = false; });
})();
