// Scans one JSON value in a text. JSON.parse does not tell what RunJSON must know:
// names given twice, integers with all their digits, whether a text merely breaks off.

const MAX_DEPTH = 64;
const MAX_DIGITS = 1000;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const NUMBER_BROKEN_OFF = /-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+(?:[eE][+-]?)?)?|[eE][+-]?)?)?$/y;
const BEHIND_A_SCALAR = " \t\n\r,]}";
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const LITERALS = { t: ["true", true], f: ["false", false], n: ["null", null] };

const BROKEN_OFF = Symbol("the text ends before the value does");

/**
 * Scans the value at the beginning of a text.
 *
 * state   "whole": a value by the grammar of JSON; "broken off": the text ends before it does; "bad": no JSON
 * value   the value. Objects have no prototype. Integers of 16 characters and more are BigInt, so that a
 *         Number from 10^15 on was written with a dot or an exponent
 * end     the index behind the value
 * fault   { code, line }: the first thing wrong with it, or undefined
 * lines   container → name or index → line, when the text has several lines
 */
export function scan(text, line = 1) {
  const scanner = new Scanner(text, line);
  try {
    const value = scanner.value();
    return { state: "whole", value, end: scanner.at, endLine: scanner.line, line: scanner.begin, fault: scanner.fault, lines: scanner.lines };
  } catch (stop) {
    if (stop === BROKEN_OFF) return { state: "broken off", fault: { code: "RJ003", line: scanner.line } };
    if (stop instanceof Bad) return { state: "bad", fault: { code: stop.code, line: scanner.line } };
    throw stop;
  }
}

class Bad {
  constructor(code) {
    this.code = code;
  }
}

class Scanner {
  constructor(text, line) {
    this.text = text;
    this.at = 0;
    this.line = line;
    this.lines = text.includes("\n") ? new WeakMap() : undefined;
  }

  // One loop with a list of the open containers: a file may nest deeper than the stack of calls.
  value() {
    const open = [];
    this.space();
    this.begin = this.line;
    for (;;) {
      // Here a value begins.
      let value;
      let line = this.line;
      const c = this.need();
      if (c === "{" || c === "[") {
        const frame = { closing: c === "{" ? "}" : "]", value: c === "{" ? Object.create(null) : [], line, lines: this.lines && new Map() };
        this.lines?.set(frame.value, frame.lines);
        open.push(frame);
        if (open.length > MAX_DEPTH) this.note("RJ009", line);
        this.at++;
        this.space();
        if (this.need() !== frame.closing) {
          if (c === "{") this.name(frame);
          continue;
        }
        this.at++;
        open.pop();
        value = frame.value;
      } else {
        value = this.scalar(c);
      }
      // Here a value ended. Close what ends with it.
      for (;;) {
        const frame = open.at(-1);
        if (!frame) return value;
        this.add(frame, value, line);
        this.space();
        const c = this.need();
        this.at++;
        if (c === ",") {
          this.space();
          if (frame.closing === "}") this.name(frame);
          break;
        }
        if (c !== frame.closing) this.bad(this.at - 1);
        open.pop();
        ({ value, line } = frame);
      }
    }
  }

  add(frame, value, line) {
    let key = frame.name;
    if (frame.closing === "]") key = frame.value.length;
    else if (key in frame.value) this.note("RJ007", line);
    frame.value[key] = value;
    frame.lines?.set(key, line);
  }

  name(frame) {
    if (this.need() !== '"') this.bad(this.at);
    frame.name = this.string();
    this.space();
    if (this.need() !== ":") this.bad(this.at);
    this.at++;
    this.space();
  }

  scalar(c) {
    if (c === '"') return this.string();
    if (c === "-" || (c >= "0" && c <= "9")) return this.number();
    const [word, value] = LITERALS[c] ?? this.bad(this.at);
    if (this.text.startsWith(word, this.at)) {
      this.at += word.length;
      return value;
    }
    if (this.at + word.length > this.text.length && word.startsWith(this.text.slice(this.at))) throw BROKEN_OFF;
    return this.bad(this.at);
  }

  number() {
    const begin = this.at;
    NUMBER.lastIndex = begin;
    const end = NUMBER.test(this.text) ? NUMBER.lastIndex : begin;
    if (end === begin || (end < this.text.length && !BEHIND_A_SCALAR.includes(this.text[end]))) {
      NUMBER_BROKEN_OFF.lastIndex = begin;
      if (NUMBER_BROKEN_OFF.test(this.text)) throw BROKEN_OFF;
      this.bad(end);
    }
    this.at = end;
    const written = this.text.slice(begin, end);
    if (/[.eE]/.test(written)) {
      const double = Number(written);
      if (!Number.isFinite(double)) this.note("RJ006", this.line);
      return double + 0; // -0 becomes 0
    }
    if (written.length <= 15) return Number(written) + 0;
    if (written.length - (written[0] === "-") > MAX_DIGITS) {
      this.note("RJ006", this.line);
      return 0;
    }
    return BigInt(written);
  }

  string() {
    let string = "";
    for (;;) {
      const begin = ++this.at;
      PLAIN.lastIndex = begin;
      PLAIN.test(this.text);
      this.at = PLAIN.lastIndex;
      string += this.text.slice(begin, this.at);
      const c = this.need();
      if (c === '"') break;
      if (c !== "\\") this.bad(this.at);
      string += this.escape();
    }
    this.at++;
    // The bytes are UTF-8, so half a pair can only come from an escape.
    if (!string.isWellFormed()) this.note("RJ008", this.line);
    return string;
  }

  // Stays on the last character of the escape.
  escape() {
    this.at++;
    const c = this.need();
    if (Object.hasOwn(ESCAPES, c)) return ESCAPES[c];
    if (c !== "u") this.bad(this.at);
    const digits = this.text.slice(this.at + 1, this.at + 5);
    if (!/^[0-9a-fA-F]*$/.test(digits)) this.bad(this.at);
    if (digits.length < 4) throw BROKEN_OFF;
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  space() {
    for (; ; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c === 10) this.line++;
      else if (c !== 32 && c !== 13 && c !== 9) return;
    }
  }

  need() {
    if (this.at >= this.text.length) throw BROKEN_OFF;
    return this.text[this.at];
  }

  note(code, line) {
    this.fault ??= { code, line };
  }

  bad(at) {
    throw new Bad(codeOfWhatIsNoJson(this.text, at));
  }
}

// Whether what stands at an index looks like a number or a literal of another language.
function codeOfWhatIsNoJson(text, at) {
  const behind = /^[^\s,:[\]{}"']*/.exec(text.slice(at, at + 64))[0];
  if (!behind) return "RJ003";
  const before = /[^\s,:[\]{}"']*$/.exec(text.slice(Math.max(0, at - 64), at))[0];
  const word = before + behind;
  if (/^[+-]?(nan|inf|infinity)($|[^a-z])/i.test(word)) return "RJ005";
  if (/^[+-]*\.?[0-9]|^\*+$|^\.?(true|false|t|f|null|none|na)\.?$/i.test(word)) return "RJ004";
  return "RJ003";
}
