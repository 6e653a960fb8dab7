import { expect, test } from "vitest";
import { known } from ".";

const modules = import.meta.glob(["../**/*.ts", "../**/*.tsx", "!../**/*.test.*", "!../main.tsx", "!../test-setup.ts"]);
const sources = import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../**/*.test.*"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const base = (keys: object) =>
  [...new Set(Object.keys(keys).map((key) => key.replace(/_(one|few|many|other)$/, "")))].sort();
const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((found) => found[1]).sort();

const LOADED_WITHIN = 60_000; // ms: all screens, on a busy machine

test("every text is there in both languages, with the same values and all plural forms", {
  timeout: LOADED_WITHIN,
}, async () => {
  const written = Object.keys(sources).filter((path) => /^(export )?const \w+ = texts\(/m.test(sources[path] ?? ""));
  await Promise.all(written.map((path) => modules[path]?.()));
  expect(Object.keys(known).length).toBe(written.length);
  for (const [part, { ru, en }] of Object.entries(known)) {
    expect(base(en), part).toEqual(base(ru));
    for (const [language, all, forms] of [
      ["ru", ru, ["one", "few", "many", "other"]],
      ["en", en, ["one", "other"]],
    ] as const)
      for (const key of Object.keys(all).filter((one) => one.endsWith("_other")))
        for (const form of forms) expect(all, `${part} ${language}`).toHaveProperty(key.replace("other", form));
    for (const key of Object.keys(ru).filter((one) => one in en))
      expect(blanks(en[key] ?? ""), `${part}.${key}`).toEqual(blanks(ru[key] ?? ""));
  }
});
