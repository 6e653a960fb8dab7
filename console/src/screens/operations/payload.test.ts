import { describe, expect, it } from "vitest";
import { dataOf, EMPTY, missing, payloadOf, typesOf } from "./payload";

describe("what a task is to do", () => {
  it("is sent as its type wants it", () => {
    const fields = {
      ...EMPTY,
      url: " http://a/b ",
      data: '{"shift": 1}',
      template: "2",
      report: "Смены",
      event: "begins",
    };
    expect(payloadOf("http_callback", fields)).toEqual({ url: "http://a/b", method: "POST", data: { shift: 1 } });
    expect(payloadOf("http_callback", { ...fields, data: "" })).toEqual({ url: "http://a/b", method: "POST" });
    expect(payloadOf("generate_report", fields)).toEqual({ name: "Смены", template_id: 2 });
    expect(payloadOf("publish_event", fields)).toEqual({ name: "begins", detail: { shift: 1 } });
  });
  it("takes a text that is no JSON as it is", () => {
    expect(dataOf("смена началась")).toBe("смена началась");
    expect(dataOf(" ")).toBeNull();
  });
  it("lacks what its type needs", () => {
    expect(missing("send_sms", { ...EMPTY, phone: "+79991234567" }, "!")).toEqual({ text: "!" });
    expect(missing("generate_report", EMPTY, "!")).toEqual({ report: "!", template: "!" });
    expect(missing("publish_event", { ...EMPTY, event: "x" }, "!")).toEqual({});
  });
});

describe("the types of tasks", () => {
  it("are those of the roles", () => {
    expect(typesOf(["engineer"])).toEqual(["http_callback", "generate_report"]);
    expect(typesOf(["user", "manager"])).toHaveLength(5);
    expect(typesOf(["user"])).toEqual(["generate_report"]);
    expect(typesOf(["customer"])).toEqual([]);
  });
});
