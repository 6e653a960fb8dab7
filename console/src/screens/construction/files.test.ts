import { expect, test } from "vitest";
import { fitted, MOST_BYTES, refusal, shrunk, typeOf } from "./files";

const file = (name: string, type: string, size = 10) => ({ name, type, size });

test("the type of a file is that of the end of its name, as the API wants it", () => {
  expect(typeOf("Акт.PDF")).toBe("application/pdf");
  expect(typeOf("photo.jpeg")).toBe("image/jpeg");
  expect(typeOf("run.exe")).toBeUndefined();
});

test("what the API would refuse is refused before it is sent", () => {
  expect(refusal(file("run.exe", "application/octet-stream"))).toBe("wrongType");
  expect(refusal(file("plan.pdf", "application/pdf", MOST_BYTES + 1))).toBe("tooLarge");
  expect(refusal(file("plan.pdf", "application/pdf", MOST_BYTES))).toBeUndefined();
});

test("a photo is taken whatever its size and format: it is made smaller", () => {
  expect(refusal(file("photo.jpg", "image/jpeg", MOST_BYTES * 3))).toBeUndefined();
  expect(refusal(file("photo.bmp", "image/bmp"))).toBeUndefined();
  expect(fitted(4000, 3000)).toEqual({ width: 2000, height: 1500 });
  expect(fitted(800, 600)).toEqual({ width: 800, height: 600 });
});

test("small photos and other files are sent as they are", async () => {
  const small = new File(["x"], "photo.jpg", { type: "image/jpeg" });
  const paper = new File(["x".repeat(2_000_000)], "plan.pdf", { type: "application/pdf" });
  expect(await shrunk(small)).toBe(small);
  expect(await shrunk(paper)).toBe(paper);
});
