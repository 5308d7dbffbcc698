import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { completeNames, imports, moduleOf } from "./names";

const PROGRAM = `import torch, numpy as np
import torch.nn.functional as F
from torch import nn, optim as o
import engine
`;

async function complete(text: string) {
  const state = EditorState.create({ doc: PROGRAM + text });
  const result = await completeNames(new CompletionContext(state, state.doc.length, false));
  return result && { typed: state.sliceDoc(result.from), labels: result.options.map(({ label }) => label) };
}

describe("imports", () => {
  it("knows every way of importing a module", () => {
    expect(Object.fromEntries(imports(PROGRAM))).toEqual({
      ...{ torch: "torch", np: "numpy", F: "torch.nn.functional", nn: "torch.nn", o: "torch.optim", engine: "torch" },
    });
    expect(imports("import torch.nn").get("torch")).toBe("torch");
  });
});

describe("moduleOf", () => {
  const names = { torch: {}, "torch.nn": {}, "torch.nn.functional": {}, Tensor: {} };

  it("follows a path from what was imported", () => {
    expect(moduleOf("nn.functional", imports(PROGRAM), names)).toBe("torch.nn.functional");
    expect(moduleOf("engine.nn", imports(PROGRAM), names)).toBe("torch.nn");
    expect(moduleOf("np", imports(PROGRAM), names)).toBeNull();
    expect(moduleOf("loss", imports(PROGRAM), names)).toBe("Tensor");
  });
});

describe("completeNames", () => {
  it("offers the layers after nn and the functions after F", async () => {
    expect((await complete("nn.Lin"))?.labels).toContain("Linear");
    expect((await complete("F."))?.labels).toContain("cross_entropy");
    expect((await complete("torch.optim.Ad"))?.labels).toContain("AdamW");
  });

  it("offers a tensor's methods after a variable and after a call", async () => {
    expect(await complete("loss.back")).toMatchObject({ typed: "back", labels: expect.arrayContaining(["backward"]) });
    expect((await complete("model(x)."))?.labels).toContain("mean");
  });

  it("offers nothing after another library's name, a number or no dot", async () => {
    expect(await complete("np.ar")).toBeNull();
    expect(await complete("x = 3.")).toBeNull();
    expect(await complete("tor")).toBeNull();
  });
});
