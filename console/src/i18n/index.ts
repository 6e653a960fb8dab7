/** Texts in Russian and English. Each screen has its own, loaded with it: `const useText = texts("scan", ru, en)`. */
import dayjs from "dayjs";
import "dayjs/locale/ru";
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { speak } from "../api/fetching";

export const LANGUAGES = { ru: "Русский", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;
const CHOICE = "shopfloor.language";

type Texts = Readonly<Record<string, string>>;
type Singular<Key> = Key extends `${infer Base}_${"one" | "few" | "many" | "other"}` ? Base : Key;

const chosen = window.localStorage.getItem(CHOICE) ?? window.navigator.language.slice(0, 2);

void i18next.use(initReactI18next).init({
  lng: chosen === "en" ? "en" : chosen === "ru" || chosen in LANGUAGES ? "ru" : "en",
  fallbackLng: "ru",
  resources: {},
  initAsync: false,
  interpolation: { escapeValue: false },
  keySeparator: false,
  nsSeparator: false,
});
follow(i18next.language);
i18next.on("languageChanged", follow);

function follow(language: string) {
  document.documentElement.lang = language;
  dayjs.locale(language);
  speak(language);
}

/** Switch the language, and remember it. */
export function switchLanguage(language: Language) {
  window.localStorage.setItem(CHOICE, language);
  void i18next.changeLanguage(language);
}

export const language = () => i18next.language as Language;

/**
 * A hook that answers the texts of one part. `ru` and `en` have the same keys; a text with a count has plural forms
 * (`found_one`, `found_few`, `found_many`, `found_other` in Russian; `_one`, `_other` in English) and is asked for as `found`.
 */
export function texts<Ru extends Texts>(part: string, ru: Ru, en: Texts) {
  i18next.addResourceBundle("ru", part, ru, true, true);
  i18next.addResourceBundle("en", part, en, true, true);
  type Key = Singular<keyof Ru & string>;
  const written: Record<string, { ru: Texts; en: Texts }> = known;
  written[part] = { ru, en };
  return () => {
    const { t } = useTranslation(part);
    return t as unknown as (key: Key, values?: Record<string, unknown>) => string;
  };
}

/** All texts that were registered, for the test that both languages say the same. */
export const known: Record<string, { ru: Texts; en: Texts }> = {};
