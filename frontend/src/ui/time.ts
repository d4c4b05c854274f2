// Times as people read them, in their own time zone and language.
import { strings } from '../strings/en';

const pad = (n: number) => String(n).padStart(2, '0');

const FORMS = {
  dateAndTime: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  day: { weekday: 'long', day: 'numeric', month: 'long' },
  short: { day: 'numeric', month: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The form in the language that is spoken; making one takes long, so they are kept. */
function format(form: keyof typeof FORMS, ms: number): string {
  const { locale } = strings;
  const key = `${form} ${locale}`;
  const known =
    formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...FORMS[form], ...shorter(form, locale) });
  formats.set(key, known);
  return known.format(ms);
}

/** 2026/11/23(月) instead of 2026年11月23日(月), which with a time has no room on one line. */
function shorter(form: keyof typeof FORMS, locale: string): Intl.DateTimeFormatOptions {
  return form === 'dateAndTime' && locale.startsWith('ja') ? { month: 'numeric' } : {};
}

/** The moment of an RFC 3339 time; NaN when it is none. */
export function moment(iso: string | undefined): number {
  return iso === undefined ? NaN : Date.parse(iso);
}

/** HH:MM:SS */
export function clockTime(ms: number): string {
  if (Number.isNaN(ms)) return '--:--:--';
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** 08:21:23.456 */
export function exactTime(ms: number): string {
  return `${clockTime(ms)}.${String(new Date(ms).getMilliseconds()).padStart(3, '0')}`;
}

/** Sun, 22 Nov 2026, 08:21:23.456 */
export function fullTime(ms: number): string {
  return Number.isNaN(ms) ? '' : `${format('dateAndTime', ms)}, ${exactTime(ms)}`;
}

/** Sunday 22 November; undefined when it is today. */
export function otherDay(ms: number, now: number): string | undefined {
  if (Number.isNaN(ms) || new Date(ms).toDateString() === new Date(now).toDateString()) return undefined;
  return format('day', ms);
}

/** 08:21, or 21 Nov, 08:21 on another day. */
export function shortTime(ms: number, now: number): string {
  const time = clockTime(ms).slice(0, 5);
  return dayOf(ms) === dayOf(now) ? time : `${format('short', ms)}, ${time}`;
}

/** How long ago something was, in its largest unit; empty when it never was. */
export function age(ms: number, now: number): string {
  if (Number.isNaN(ms)) return '';
  const seconds = Math.max(0, Math.floor((now - ms) / 1_000));
  if (seconds < 60) return strings.sidebar.seconds(seconds);
  if (seconds < 3_600) return strings.sidebar.minutes(Math.floor(seconds / 60));
  if (seconds < 86_400) return strings.sidebar.hours(Math.floor(seconds / 3_600));
  return strings.sidebar.days(Math.floor(seconds / 86_400));
}

/** Whole seconds until a moment, never below 0. */
export function secondsUntil(ms: number, now: number): number {
  return Math.max(0, Math.ceil((ms - now) / 1_000));
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time as one number and its unit, rounded down. */
export function rough(ms: number): [number, 's' | 'min' | 'h' | 'd'] {
  if (ms < MINUTE) return [Math.max(0, Math.floor(ms / SECOND)), 's'];
  if (ms < HOUR) return [Math.floor(ms / MINUTE), 'min'];
  return ms < DAY ? [Math.floor(ms / HOUR), 'h'] : [Math.floor(ms / DAY), 'd'];
}

/** The day of a moment, to tell days apart; NaN when it is none. */
export function dayOf(ms: number): number {
  if (Number.isNaN(ms)) return NaN;
  const date = new Date(ms);
  return date.getFullYear() * 400 + date.getMonth() * 32 + date.getDate();
}

/** Sunday 22 November */
export function dayName(ms: number): string {
  return Number.isNaN(ms) ? '' : format('day', ms);
}
