/** Computing with the formulas that the page shows: a small reader of LaTeX as textbooks write scalar formulas. */

/** Names bound to numbers: letters ("a"), Greek ones ("\\alpha"), and "\\bar y", the gradient that comes in. */
export type Bindings = Record<string, number>;

/** The value of `tex` under `bindings`; null where it holds what cannot be computed with single numbers. */
export function evaluate(tex: string, bindings: Bindings): number | null {
  try {
    const reader = new Reader(tokenize(tex), bindings);
    const value = reader.sum();
    return reader.atEnd ? value : null;
  } catch (problem) {
    if (problem instanceof NotScalar) return null;
    throw problem;
  }
}

class NotScalar extends Error {}

const SPACES = new Set(["\\,", "\\;", "\\:", "\\!", "\\ ", "\\left", "\\right", "\\displaystyle", " "]);
const CONSTANTS: Bindings = { "\\pi": Math.PI, "\\infty": Infinity };
const FUNCTIONS: Record<string, (x: number) => number> = {
  "\\ln": Math.log,
  "\\exp": Math.exp,
  "\\sin": Math.sin,
  "\\cos": Math.cos,
  "\\tan": Math.tan,
  "\\sinh": Math.sinh,
  "\\cosh": Math.cosh,
  "\\tanh": Math.tanh,
  "\\arcsin": Math.asin,
  "\\arccos": Math.acos,
  "\\arctan": Math.atan,
  "\\sigma": (x) => 1 / (1 + Math.exp(-x)),
  sgn: Math.sign,
  sign: Math.sign,
  trunc: Math.trunc,
  arsinh: Math.asinh,
  arcosh: Math.acosh,
  artanh: Math.atanh,
};
const COMPARISONS: Record<string, (a: number, b: number) => boolean> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "=": (a, b) => a === b,
  "\\le": (a, b) => a <= b,
  "\\ge": (a, b) => a >= b,
  "\\ne": (a, b) => a !== b,
};

function tokenize(tex: string): string[] {
  const found = tex.match(/\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S/g) ?? [];
  return found.filter((token) => !SPACES.has(token));
}

class Reader {
  private at = 0;

  constructor(
    private readonly tokens: string[],
    private readonly bindings: Bindings,
  ) {}

  get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  sum(): number {
    let value = this.take("-") ? -this.product() : this.product();
    for (;;) {
      if (this.take("+")) value += this.product();
      else if (this.take("-")) value -= this.product();
      else return value;
    }
  }

  /** Factors side by side; a slash divides by the next factor alone. */
  private product(): number {
    let value = this.power();
    for (;;) {
      if (this.take("/")) value /= this.power();
      else if (this.take("\\cdot") || this.take("\\odot") || this.take("\\times") || this.startsFactor())
        value *= this.power();
      else return value;
    }
  }

  private power(): number {
    const euler = this.peek === "e" && !("e" in this.bindings);
    const base = euler ? Math.E : this.atom();
    if (euler) this.at += 1;
    if (!this.take("^")) return base;
    return base ** this.group();
  }

  private atom(): number {
    const token = this.next();
    if (/^\d/.test(token)) return Number(token);
    switch (token) {
      case "(":
        return this.until(")");
      case "{":
        return this.until("}");
      case "\\lfloor":
        return Math.floor(this.until("\\rfloor"));
      case "\\lceil":
        return Math.ceil(this.until("\\rceil"));
      case "[":
        return this.condition();
      case "|":
        return Math.abs(this.until("|"));
      case "\\frac":
      case "\\tfrac":
        return this.digitOrGroup() / this.digitOrGroup();
      case "\\sqrt":
        return Math.sqrt(this.group());
      case "\\max":
        return Math.max(...this.list());
      case "\\min":
        return Math.min(...this.list());
      case "\\bar":
        return this.bound(`\\bar ${this.next()}`);
      case "\\log":
        return this.logarithm();
      case "\\mathrm":
      case "\\operatorname":
        return this.apply(this.word());
      default:
        return token in this.bindings || token in CONSTANTS ? this.bound(token) : this.apply(token);
    }
  }

  private apply(name: string): number {
    const known = FUNCTIONS[name];
    if (!known) throw new NotScalar(name);
    if (!this.take("^")) return known(this.power());
    const exponent = this.group();
    return known(this.power()) ** exponent;
  }

  private logarithm(): number {
    const base = this.take("_") ? this.group() : Math.E;
    return Math.log(this.power()) / Math.log(base);
  }

  private condition(): number {
    let left = this.sum();
    let holds = true;
    while (!this.take("]")) {
      const compare = COMPARISONS[this.next()];
      if (!compare) throw new NotScalar("condition");
      const right = this.sum();
      holds &&= compare(left, right);
      left = right;
    }
    return holds ? 1 : 0;
  }

  private list(): number[] {
    this.expect("(");
    const values = [this.sum()];
    while (this.take(",")) values.push(this.sum());
    this.expect(")");
    return values;
  }

  private group(): number {
    if (this.take("{")) return this.until("}");
    return this.take("-") ? -this.atom() : this.atom();
  }

  /** The argument of a fraction: braces, or one digit of "\tfrac12". */
  private digitOrGroup(): number {
    const token = this.peek ?? "";
    if (!/^\d\d/.test(token)) return this.group();
    this.tokens[this.at] = token.slice(1);
    return Number(token[0]);
  }

  private word(): string {
    this.expect("{");
    let name = "";
    while (!this.take("}")) name += this.next();
    return name;
  }

  private until(end: string): number {
    const value = this.sum();
    this.expect(end);
    return value;
  }

  private bound(name: string): number {
    const value = this.bindings[name] ?? CONSTANTS[name];
    if (value === undefined) throw new NotScalar(name);
    return value;
  }

  private startsFactor(): boolean {
    return !this.atEnd && !/^([)}\]|+\-/=<>,^_]|\\(rfloor|rceil|le|ge|ne|cdot|odot|times))$/.test(this.peek ?? "");
  }

  private get peek(): string | undefined {
    return this.tokens[this.at];
  }

  private next(): string {
    const token = this.peek;
    if (token === undefined) throw new NotScalar("end");
    this.at += 1;
    return token;
  }

  private take(token: string): boolean {
    if (this.peek !== token) return false;
    this.at += 1;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new NotScalar(token);
  }
}
