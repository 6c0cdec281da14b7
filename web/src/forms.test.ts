// A form that stayed open in one tab undoes nothing that was saved in another: only what was typed over is sent.
import { describe, expect, it } from "vitest";

import { typedOver } from "./forms";

describe("what was typed over", () => {
  const shown = { name: "Ana", phone: "", is_default: false };

  it("is sent without spaces around it, and nothing else", () => {
    expect(typedOver({ ...shown, phone: " 11 97777-6655 " }, shown)).toEqual({ phone: "11 97777-6655" });
    expect(typedOver({ ...shown, is_default: true }, shown)).toEqual({ is_default: true });
  });

  it("is nothing where nobody typed", () => {
    expect(typedOver({ ...shown, name: "Ana " }, shown)).toEqual({});
  });

  it("may be empty", () => {
    expect(typedOver({ ...shown, name: "" }, shown)).toEqual({ name: "" });
  });
});
