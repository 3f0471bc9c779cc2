/** Units of `grpc-timeout` in milliseconds; its numbers have at most eight digits. */
const units = { n: 1e-6, u: 1e-3, m: 1, S: 1000, M: 60_000, H: 3_600_000 }
const mostDigits = 8

/** Writes a time limit for the header `grpc-timeout`. */
export function formatTimeout(ms: number): string {
  const unit =
    (["m", "S", "M"] as const).find((each) => ms / units[each] < 10 ** mostDigits - 1) ?? "H"
  return `${Math.min(Math.ceil(ms / units[unit]), 10 ** mostDigits - 1)}${unit}`
}

/** Reads the header in milliseconds; undefined when it is none. */
export function parseTimeout(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  return unit === undefined ? undefined : Number(number) * units[unit as keyof typeof units]
}
