import { expect, it } from 'vitest';
import { FIRST_VIEW, readView } from './stored';

it('the view is remembered', () => {
  const view = {
    tab: 'settings',
    section: 'sharing',
    feeds: ['a'],
    inspectorWidth: 500,
    muted: ['b'],
    folded: ['News'],
    singleKeys: false,
  } as const;
  expect(readView(JSON.stringify(view))).toEqual(view);
});

it('whatever is strange falls back to the first view', () => {
  for (const raw of [null, '', '7', 'null', '[]', '{"tab":"board","feeds":[1],"inspectorWidth":-5}']) {
    expect(readView(raw)).toEqual(FIRST_VIEW);
  }
});
