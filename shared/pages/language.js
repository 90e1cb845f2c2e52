(() => {
  "use strict";
  const find = id => document.getElementById(id);
  const root = document.documentElement;
  const languages = [find("in-german"), find("in-english")];
  const speak = () => {
    const language = languages.find(each => each.checked).value;
    root.lang = language;
    document.title = root.dataset[language === "de" ? "titleDe" : "titleEn"];
    for (const option of document.querySelectorAll("option[data-de]")) option.textContent = option.dataset[language];
  };
  for (const each of languages) each.addEventListener("change", speak);
  const usual = root.dataset.language || navigator.language || "de";
  const wanted = location.hash === "#en" || !usual.startsWith("de") && location.hash !== "#de";
  if (wanted) languages[1].checked = true;
  speak();
})();
