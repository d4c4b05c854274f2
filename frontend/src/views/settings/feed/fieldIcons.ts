import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import Fingerprint from '@lucide/svelte/icons/fingerprint-pattern';
import Hash from '@lucide/svelte/icons/hash';
import Heading from '@lucide/svelte/icons/heading';
import Key from '@lucide/svelte/icons/key-round';
import Link from '@lucide/svelte/icons/link';
import Tag from '@lucide/svelte/icons/tag';
import TextIcon from '@lucide/svelte/icons/text-align-start';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import type { MenuItem } from '../../../ui/menu';
import type { Mapped } from '../../../wire/feedForm';

/** The sign of each field of an event. */
export const FIELD_ICONS: Record<Mapped, MenuItem['icon']> = {
  title: Heading,
  text: TextIcon,
  key: Key,
  value: Hash,
  time: CalendarClock,
  url: Link,
  severity: TriangleAlert,
  id: Fingerprint,
  type: Tag,
};
