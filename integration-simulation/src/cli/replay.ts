import type { Wanted } from "../plan.ts"

/** The command that lives through a seed again, exactly. */
export function replayCommand(seed: number, wanted: Wanted): string {
  const sizes = Object.entries(wanted).map(([name, value]) => ` --${name} ${value}`)
  return `npm run simulate -- --seed ${seed}${sizes.join("")} --trace`
}
