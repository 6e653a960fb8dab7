import { expect, test } from "vitest";
import { isEmail, isMeant } from "./people";

const ANNA = { name: "Анна Белова", email: "anna@Example.com" };

test("a person is meant by parts of the name and the email in any order and case", () => {
  expect(isMeant(ANNA, "бел анна")).toBe(true);
  expect(isMeant(ANNA, "EXAMPLE")).toBe(true);
  expect(isMeant(ANNA, "анна петрова")).toBe(false);
  expect(isMeant({ name: "Весы", email: null }, "null")).toBe(false);
});

test("only a whole email is asked for", () => {
  expect(isEmail(" anna@example.com ")).toBe(true);
  expect(isEmail("anna@")).toBe(false);
});
