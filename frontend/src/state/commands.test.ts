import { describe, expect, it } from 'vitest';
import { Commands } from './commands.svelte';

describe('an offer', () => {
  it('can be done until it is taken back', () => {
    const commands = new Commands();
    const done: string[] = [];
    const withdraw = commands.offer({ star: () => done.push('star') });
    expect(commands.run('star')).toBe(true);
    withdraw();
    expect(commands.can('star')).toBe(false);
    expect(commands.run('star')).toBe(false);
    expect(done).toEqual(['star']);
  });

  it('stands before earlier ones, and brings them back with its end', () => {
    const commands = new Commands();
    const done: string[] = [];
    commands.offer({ close: () => done.push('inspector'), star: () => done.push('star') });
    const withdraw = commands.offer({ close: () => done.push('selection') });
    commands.run('close');
    commands.run('star');
    withdraw();
    commands.run('close');
    expect(done).toEqual(['selection', 'star', 'inspector']);
  });

  it('that is taken back first leaves the later one', () => {
    const commands = new Commands();
    const done: string[] = [];
    const withdraw = commands.offer({ close: () => done.push('first') });
    commands.offer({ close: () => done.push('second') });
    withdraw();
    commands.run('close');
    expect(done).toEqual(['second']);
  });
});
