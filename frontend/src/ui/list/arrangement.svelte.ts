import { Heights, type Anchor } from './heights';
import { Lag } from './lag';
import { Slots } from './slots';
import { anchorAt, bottom, contentHeight, offsetOf, rangeAt, reveal, topOf, type Shape } from './virtual';

/** Rows by their places; a new object whenever they may be others. */
export interface Rows<T> {
  base: number;
  count: number;
  /** Another one when places have other rows than before. */
  moved: number;
  slice(from: number, to: number): readonly T[];
}

/** What a list is told to show. */
export interface Shown<T> {
  rows: Rows<T>;
  /** How high most rows are. Others may be higher: each is measured. */
  rowHeight: number;
  /** What is held at the top of the view; undefined follows the newest end. */
  anchor: Anchor | undefined;
  /** Space above the first row, in pixels. */
  lead: number;
  /** The same below the last one, kept free for what floats there: a row that is shown doesn't stand in it. */
  tail: number;
  /** Draws the rows in a document of their own, which WebKit without a GPU scrolls by moving what is on the screen. */
  apart: boolean;
}

/** So many rows are drawn beyond the ends of the view, most of them on the side that it moves to. */
const OVERSCAN = 10;
const BEHIND = 1;

/** Which rows of a list are drawn, by which elements, and where these stand in the document. */
export class Arrangement<T> {
  /** Size of the view, in pixels. */
  viewport = $state(0);
  width = $state(0);
  #measured = $state(0);
  #list: () => Shown<T>;
  #heights = new Heights(0);
  #known = { moved: -1, width: 0, usual: 0 };
  #slots = new Slots<T>();
  #lag = new Lag();
  #was = { position: 0, above: BEHIND };
  /** The slots in the order of their elements in the document; another map at each rest. */
  #ranks = $state.raw<ReadonlyMap<number, number>>(new Map());
  #rested: ReadonlyMap<number, number> | undefined;

  constructor(list: () => Shown<T>) {
    this.#list = list;
  }

  readonly #shape = $derived.by((): Shape & { measured: number } => {
    const { rows, rowHeight, lead, tail } = this.#list();
    // What was measured holds for this width, this density and these rows.
    const known = { moved: rows.moved, width: this.width, usual: rowHeight };
    if (
      known.moved !== this.#known.moved ||
      known.width !== this.#known.width ||
      known.usual !== this.#known.usual
    )
      this.#heights.reset(rowHeight);
    this.#known = known;
    this.#heights.trim(rows.base);
    const { viewport } = this;
    return {
      base: rows.base,
      count: rows.count,
      heights: this.#heights,
      viewport,
      lead,
      tail,
      measured: this.#measured,
    };
  });

  /** How far the view is scrolled by the arithmetic, in pixels. */
  readonly offset = $derived.by(() => offsetOf(this.#list().anchor, this.#shape));

  /**
   * So many rows are drawn at least: where all have the usual height, which is the least, as many as fit, so that elements
   * needn't come and go. While the newest end is followed none is drawn ahead: of a flood that were work for nobody.
   */
  readonly #least = $derived.by(() => {
    const { anchor, rowHeight } = this.#list();
    return Math.ceil(this.viewport / rowHeight) + 1 + (anchor === undefined ? BEHIND : OVERSCAN);
  });

  /** Where the view stands, in rows: heights that are measured don't move it. */
  readonly #position = $derived.by(() => {
    const { anchor } = this.#list();
    const { base, count, heights } = this.#shape;
    return anchor === undefined ? base + count : anchor.place + anchor.px / heights.of(anchor.place);
  });

  readonly #range = $derived.by(() => {
    const [position, was] = [this.#position, this.#was];
    if (position !== was.position)
      this.#was = { position, above: position > was.position ? BEHIND : OVERSCAN - BEHIND };
    const { above } = this.#was;
    return rangeAt(this.offset, this.#shape, { above, below: OVERSCAN - above }, this.#least);
  });

  /** The first place that is drawn, and the one after the last. */
  readonly from = $derived(this.#range.start);
  readonly to = $derived(this.#range.end);

  /** What is drawn, in the order of places. */
  readonly #shown = $derived.by(() => {
    const before = this.from > this.#shape.base ? 1 : 0;
    const drawn = this.#list().rows.slice(this.from - before, this.to);
    return this.#slots.show(this.from, drawn.slice(before), before === 1 ? drawn[0] : undefined);
  });

  /**
   * The same in the order of the elements. Elements that change places in a document have WebKit paint all of the view. So
   * in one of their own they stay where they are until it comes to rest; then they stand in the order of their rows, for
   * those who have them read out.
   */
  readonly placed = $derived.by(() => {
    if (!this.#list().apart) return this.#shown;
    const ranks = this.#ranks;
    const rank = (slot: number) => ranks.get(slot) ?? ranks.size + slot;
    return [...this.#shown].sort((one, other) => rank(one.slot) - rank(other.slot));
  });

  readonly #lagging = $derived.by(() => {
    const { anchor, apart } = this.#list();
    const rest = !apart || anchor === undefined || this.#ranks !== this.#rested;
    this.#rested = this.#ranks;
    return this.#lag.at(this.offset, this.#shape, rest);
  });

  /** Height of the document, and how far it is to be scrolled. */
  readonly height = $derived(this.#lagging.height);
  readonly scroll = $derived(this.offset + this.#lagging.px);

  /** How far below the document's top each drawn row stands, from the first one on. */
  readonly #tops = $derived.by(() => {
    let top = this.#lagging.px + this.#shape.lead + topOf(this.from, this.#shape);
    return this.#shown.map(({ place }) => {
      const here = top;
      top += this.#heights.of(place);
      return here;
    });
  });

  /** What a scrollbar shows. */
  readonly extent = $derived({
    offset: this.offset,
    viewport: this.viewport,
    total: contentHeight(this.#shape),
  });

  topOf(place: number): number {
    return this.#tops[place - this.from] ?? 0;
  }

  /** Takes the heights of the elements, in their order. Says whether rows have to be placed anew. */
  measure(elements: ArrayLike<{ offsetHeight: number }>): boolean {
    const held = this.#list().anchor?.place ?? this.#shape.base;
    const above = topOf(held, this.#shape);
    let news = false;
    for (const [index, { place }] of this.placed.entries()) {
      const element = elements[index];
      if (element !== undefined && this.#heights.measured(place, element.offsetHeight)) news = true;
    }
    if (!news) return false;
    this.#lag.moved(topOf(held, this.#shape) - above);
    this.#measured++;
    return true;
  }

  /** The view has come to rest: all is put in order. */
  rest(): void {
    this.#ranks = new Map(this.#shown.map(({ slot }, rank) => [slot, rank]));
  }

  /** The offset that a document shows when it is scrolled that far, and the other way round. */
  offsetAt(scroll: number): number {
    return scroll - this.#lagging.px;
  }

  scrollTo(offset: number): number {
    return offset + this.#lagging.px;
  }

  /** Whether there is more than fits, and whether the end is in view. */
  get overflows(): boolean {
    return bottom(this.#shape) > 0;
  }

  get atEnd(): boolean {
    return this.offset >= bottom(this.#shape) - 1;
  }

  /** What is held to stay at an offset; without one where the view is now. */
  anchorAt(offset = this.offset): Anchor {
    return anchorAt(offset, this.#shape);
  }

  /** What is held to have a row in view. */
  anchorFor(place: number): Anchor {
    return this.anchorAt(reveal(place, this.offset, this.#shape));
  }

  /** The last row in view. */
  get last(): number {
    return Math.max(this.#shape.base, rangeAt(this.offset, this.#shape, { above: 0, below: 0 }).end - 1);
  }

  /** How many rows fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.viewport / this.#list().rowHeight) - 1);
  }
}
