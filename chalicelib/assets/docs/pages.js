// The bar of /docs and /redoc: the language is the reader's choice, else that of the browser.
"use strict";

const KEPT = "shopfloor.docs.language";
const chosen = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("ru") ? "ru" : "en");

window.shopfloor = {
  isRussian: chosen !== "en",
  document: chosen === "en" ? "openapi.en.json" : "openapi.json",
};

document.documentElement.lang = chosen;
for (const element of document.querySelectorAll(".bar [data-en]")) {
  if (chosen === "en") element.textContent = element.dataset.en;
}
for (const button of document.querySelectorAll(".bar [data-language]")) {
  button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
  button.addEventListener("click", () => {
    localStorage.setItem(KEPT, button.dataset.language);
    location.reload();
  });
}
