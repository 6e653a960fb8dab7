import { expect, test } from "vitest";
import { isEmail, matchesSearch } from "./people";

const ANNA = { name: "Анна Белова", email: "anna@Example.com" };

test("a person is meant by parts of the name and the email in any order and case", () => {
  expect(matchesSearch(ANNA, "бел анна")).toBe(true);
  expect(matchesSearch(ANNA, "EXAMPLE")).toBe(true);
  expect(matchesSearch(ANNA, "анна петрова")).toBe(false);
  expect(matchesSearch({ name: "Весы", email: null }, "null")).toBe(false);
});

test("only a whole email is asked for", () => {
  expect(isEmail(" anna@example.com ")).toBe(true);
  expect(isEmail("anna@")).toBe(false);
});
