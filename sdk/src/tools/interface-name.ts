import { NsmError } from "../core/errors.ts"
import type { Random } from "../core/random.ts"

/** What Linux allows: IFNAMSIZ less the terminating zero. */
const longest = 15
const longestServicePart = 10
const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"

/**
 * Answers the name if Linux takes it for an interface, else fails with INTERFACE_NAME_INVALID.
 * Beside what Linux refuses, `%` is refused: the kernel would fill in a number of its own.
 */
export function checkInterfaceName(name: string, where?: string): string {
  const problem = problemOf(name)
  if (problem === undefined) return name
  const place = where === undefined ? "" : ` of ${where}`
  throw new NsmError(
    "INTERFACE_NAME_INVALID",
    `interface name ${JSON.stringify(name)}${place} ${problem}`,
  )
}

function problemOf(name: string): string | undefined {
  const bytes = Buffer.byteLength(name)
  if (bytes === 0) return "is empty"
  if (bytes > longest) return `has ${bytes} bytes, at most ${longest} are allowed`
  if (name === "." || name === "..") return "is a name of directories"
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const forbidden = /[\s/:%\u0000-\u001f\u007f]/u.exec(name)
  if (forbidden) return `contains ${JSON.stringify(forbidden[0])}`
  return undefined
}

/** A name of exactly 15 characters that begins with the service's and ends in chance. */
export function generateInterfaceName(networkService: string, random: Random): string {
  const service = networkService.replaceAll(/[^\w.-]/g, "-").slice(0, longestServicePart) || "nsm"
  const chance = Array.from({ length: longest - service.length - 1 }, () =>
    alphabet.charAt(random.integer(alphabet.length)),
  )
  return `${service}-${chance.join("")}`
}
