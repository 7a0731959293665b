import { sentenceEnd } from "./boundary.ts";
import { dotsOf, isClause, isFirstHalf, isPlain, isStrong, isUnspaced } from "./characters.ts";
import { clauseEnd, mayPart, phraseEnd } from "./clause.ts";
import { constructAt, LITERAL, mayOpen, type Construct } from "./constructs.ts";
import { wordsOf } from "./language.ts";
import { lineEnd } from "./line.ts";
import { GO_ON, WAIT, type Reading } from "./reading.ts";
import { writingOf, type Writing } from "./writing.ts";

/** A stretch of the text. */
export interface Piece {
  /** The index behind it. */
  readonly end: number;
  /** What stands in it, without what is hidden. */
  readonly shown: string;
  /** It begins where a line begins. */
  readonly atLineStart: boolean;
}

export interface CutterOptions {
  /** Markup, code, data and reasoning are kept in one piece; else everything is prose. */
  readonly structured: boolean;
  /** The longest piece; a wide character counts twice. `Infinity`: whole sentences only. */
  readonly longest: number;
}

/** About a second of speech: the least that is cut off at a clause. A wide character counts twice. */
const CLAUSE_WEIGHT = 12;
const CLAUSE_WORDS = 3;
/** A place to cut a long sentence is of use only so far from its beginning. */
const LEAST_SHARE = 0.3;
/** The most that a link or a tag counts: its address is not heard. */
const CONSTRUCT_WEIGHT = 60;

/**
 * Finds where the pieces of a text end while it is still being written. Each character is looked at once, and a piece
 * never changes once it has been given out, however the text arrived.
 */
export class Cutter {
  readonly #language: string;
  readonly #writing: Writing;
  readonly #options: CutterOptions;
  /** Where the piece, the sentence and the line begin. */
  #from = 0;
  #sentence = 0;
  #line = 0;
  /** What is looked at next. */
  #at = 0;
  #construct: Construct | null = null;
  /** What is shown of the piece up to `#shownTo`. */
  #shown = "";
  #shownTo = 0;
  #weight = 0;
  #words = 0;
  #inWord = false;
  /** Where the piece could be cut should it grow too long. */
  #clause = 0;
  #space = 0;
  /** The end of the last construct. */
  #uncut = 0;

  /** Of the texts to come, what lies before `from` is left out. */
  constructor(language: string, options: CutterOptions, from = 0) {
    this.#language = language;
    this.#writing = writingOf(language);
    this.#options = options;
    this.#from = from;
    this.#sentence = from;
    this.#line = from;
    this.#at = from;
    this.#shownTo = from;
  }

  /** Where the text begins that has not been given out. */
  get from(): number {
    return this.#from;
  }

  /** Nothing is shown of what has not been given out. */
  get isBlank(): boolean {
    return this.#words === 0 && !this.#inWord;
  }

  /**
   * The next piece of `text`, which begins with every text given before; null until more of it is there. With `whole`
   * nothing follows. With `clause`, a clause is enough.
   */
  next(text: string, whole: boolean, clause: boolean): Piece | null {
    const halved = !whole && isFirstHalf(text.charCodeAt(text.length - 1));
    const known = halved ? text.slice(0, -1) : text;
    while (this.#at < known.length) {
      const end = this.#step(known, whole, clause);
      if (end === WAIT) return null;
      if (end >= 0) return this.#cut(known, end);
    }
    if (!whole || this.#from >= known.length) return null;
    this.#sentence = known.length;
    return this.#cut(known, known.length);
  }

  /** Looks at some plain characters, one other, or one construct. The end of a piece, `GO_ON` or `WAIT`. */
  #step(text: string, whole: boolean, clause: boolean): number {
    if (this.#construct) return this.#leave(this.#construct, text, whole);
    while (this.#at < text.length && isPlain(text.charCodeAt(this.#at)))
      this.#count(text.charCodeAt(this.#at));
    if (this.#weight > this.#options.longest) {
      const end = this.#border(text);
      if (end >= 0) return end;
    }
    const char = text[this.#at];
    if (char === undefined) return GO_ON;
    if (this.#options.structured && mayOpen(char)) {
      const construct = constructAt(text, this.#line, this.#at, whole);
      if (construct === "wait") return WAIT;
      if (construct) {
        this.#construct = construct;
        return GO_ON;
      }
    }
    const end = this.#judge(text, char, whole, clause);
    if (end === GO_ON) this.#count(char.charCodeAt(0));
    return end;
  }

  #judge(text: string, char: string, whole: boolean, clause: boolean): number {
    const at = this.#at;
    const reading: Reading = { text, from: this.#sentence, whole, writing: this.#writing };
    if (char === "\n") {
      const end = this.isBlank ? GO_ON : this.#ends(lineEnd(reading, this.#line, at));
      if (end === GO_ON) this.#line = at + 1;
      return end;
    }
    if (isMark(reading, at, char)) {
      // The first of several marks has been judged with the others.
      const isMore = at > this.#from && isMark(reading, at - 1, text[at - 1] ?? "");
      return isMore ? GO_ON : this.#ends(sentenceEnd(reading, at));
    }
    const isLong = clause && this.#weight >= CLAUSE_WEIGHT;
    if (this.#writing.spaced && char === " ") return this.#ends(phraseEnd(reading, at, isLong));
    if (!isClause(char)) return GO_ON;
    const end = clauseEnd(reading, this.#from, at);
    if (end < 0) return end;
    const words = this.#words + (this.#inWord ? 1 : 0);
    if (isLong && (words >= CLAUSE_WORDS || isUnspaced(text[at - 1]))) {
      const part = mayPart(reading, end);
      if (part !== GO_ON) return part;
    }
    if (this.#isFar()) this.#clause = end;
    return GO_ON;
  }

  #ends(end: number): number {
    if (end >= 0) this.#sentence = end;
    return end;
  }

  /** Behind a construct: what stands in its place. */
  #leave(construct: Construct, text: string, whole: boolean): number {
    const open = this.#at;
    const end = construct.close(text, whole);
    if (end === WAIT) return WAIT;
    this.#construct = null;
    if (end === LITERAL) {
      this.#count(text.charCodeAt(open));
      return GO_ON;
    }
    const { instead } = construct;
    if (whole && instead !== null && end >= text.length) {
      // It may go on in a longer text; what it hides stays hidden then.
      this.#construct = construct;
      return open > this.#from ? open : WAIT;
    }
    if (instead === null) {
      this.#weight += Math.min(end - open, CONSTRUCT_WEIGHT);
      this.#inWord = true;
      this.#uncut = end;
    } else {
      this.#shown += text.slice(this.#shownTo, open) + instead;
      this.#shownTo = end;
      // A cut before it would need what is shown only up to there.
      this.#clause = 0;
      this.#space = this.#isFar() ? end : 0;
    }
    this.#at = end;
    const newline = text.slice(open, end).lastIndexOf("\n");
    if (newline >= 0) this.#line = open + newline + 1;
    return GO_ON;
  }

  #count(code: number): void {
    this.#at += 1;
    if (code === 0x20 || code === 0x0a) {
      if (this.#inWord) this.#words += 1;
      this.#inWord = false;
      if (this.#isFar()) this.#space = this.#at;
    } else this.#inWord = true;
    this.#weight += code > 0x2e7f && code < 0xd800 ? 2 : 1;
  }

  #isFar(): boolean {
    return this.#weight > this.#options.longest * LEAST_SHARE;
  }

  /** The best place to cut a piece that has grown too long; `GO_ON` when there is none. */
  #border(text: string): number {
    if (this.#clause > 0) return this.#clause;
    if (this.#space > 0) return this.#space;
    const start = Math.max(this.#from, this.#shownTo, this.#uncut, this.#at - this.#options.longest);
    if (start >= this.#at) return GO_ON;
    let last = this.#at;
    for (const { index } of wordsOf(this.#language).segment(text.slice(start, this.#at))) {
      if (index > 0) last = start + index;
    }
    return last;
  }

  #cut(text: string, end: number): Piece {
    const from = this.#from;
    const shown = this.#shown + text.slice(Math.max(from, this.#shownTo), end);
    const atLineStart = from === 0 || text[from - 1] === "\n";
    this.#from = end;
    // What lies behind the border of a long piece is looked at again.
    this.#at = end;
    if (this.#line > end) this.#line = text.lastIndexOf("\n", end - 1) + 1;
    this.#shown = "";
    this.#shownTo = end;
    this.#weight = 0;
    this.#words = 0;
    this.#inWord = false;
    this.#clause = 0;
    this.#space = 0;
    return { end, shown, atLineStart };
  }
}

/** True for what may end a sentence; in some languages that is a mark with another use elsewhere. */
function isMark({ text, writing }: Reading, at: number, char: string): boolean {
  if (isStrong(char) || dotsOf(char) > 0) return true;
  if (char === ";") return writing.primary === "el" && !/&\w{1,8}$/.test(text.slice(Math.max(0, at - 9), at));
  if (char === ":") return writing.primary === "hy";
  return char === "፡" && text[at - 1] === "፡";
}
