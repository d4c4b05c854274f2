import { contentHeight, type Shape } from './virtual';

/**
 * How far the document is behind the arithmetic. A row that is measured moves all that stand below it, and the document's
 * end; WebKit paints all of a view in which that happens. So while the view moves, rows in it stay where they are, and what
 * changes is the space above and below, where nobody is: until the view comes to rest, or near an end.
 */
export class Lag {
  /** Pixels from where a row should stand to where it does. */
  #px = 0;
  #height = 0;

  /** Rows above the view have become higher by so much. */
  moved(by: number): void {
    this.#px -= by;
  }

  /** What holds for a view at that offset; rest says that all may be put right. */
  at(offset: number, shape: Shape, rest: boolean): { px: number; height: number } {
    const room = 4 * shape.viewport;
    const exact = contentHeight(shape);
    if (rest || offset + this.#px < room) this.#px = 0;
    if (rest || offset + room > exact || offset + this.#px + room > this.#height)
      this.#height = exact + this.#px;
    return { px: this.#px, height: this.#height };
  }
}
