/** Milliseconds per unit, as Go's time.ParseDuration names them. */
const units = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, micro sign
  μs: 1e-3, // U+03BC, Greek mu
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
} as const

const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g
const whole = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/

/** Reads a Go duration such as `10m`, `750ms`, `1h30m` or `0`; gives milliseconds. */
export function parseDuration(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0
  const [, sign, parts] = whole.exec(text) ?? []
  if (parts === undefined) return undefined
  const ms = [...parts.matchAll(part)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  )
  return sign === "-" ? -ms : ms
}
