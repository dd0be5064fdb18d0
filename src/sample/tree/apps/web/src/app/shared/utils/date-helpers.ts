const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `3 hours ago`, in the language of the page. */
export function timeAgo(value: string | Date, locale: string, now = new Date()): string {
  const difference = new Date(value).getTime() - now.getTime();
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const [unit, length] of UNITS) {
    if (Math.abs(difference) >= length) {
      return format.format(Math.round(difference / length), unit);
    }
  }
  return format.format(0, 'minute');
}
