import { readView, recall, remember, type ViewMemory } from './stored';

const KEY = 'tickertape.view';

/** Which part of the window is looked at. Remembered from one launch to the next. */
export class View {
  #memory = $state.raw<ViewMemory>(readView(recall(KEY)));

  get tab(): ViewMemory['tab'] {
    return this.#memory.tab;
  }
  get section(): ViewMemory['section'] {
    return this.#memory.section;
  }
  get feeds(): readonly string[] {
    return this.#memory.feeds;
  }
  get muted(): readonly string[] {
    return this.#memory.muted;
  }
  get folded(): readonly string[] {
    return this.#memory.folded;
  }
  get singleKeys(): boolean {
    return this.#memory.singleKeys;
  }
  get inspectorWidth(): number {
    return this.#memory.inspectorWidth;
  }

  change(part: Partial<ViewMemory>): void {
    this.#memory = { ...this.#memory, ...part };
    remember(KEY, this.#memory);
  }
}
