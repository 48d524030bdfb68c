/** `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. The clock may have been set back since: then `0 s ago`. */
export function timeAgo(then: Date, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - then.getTime()) / 1000));
  const [unit = 's', size = 1] = UNITS.find(([, one]) => seconds >= one) ?? [];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
];
