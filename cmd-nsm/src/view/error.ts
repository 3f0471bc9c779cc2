import { styleText } from "node:util"
import { causes, NsmError, rootCause } from "@nsm/sdk"

/** An error as a person reads it: what, where, what led to it, what to do. */
export function errorText(error: NsmError): string {
  const red = styleText("red", "error", { stream: process.stderr })
  return [`${red}  ${error.message}`, ...led(error, "  "), `  what to do: ${remedy(error)}`].join(
    "\n",
  )
}

/** What led to an error, each cause further in. */
export function led(error: unknown, indent: string): string[] {
  return causes(error)
    .filter((cause) => cause instanceof NsmError)
    .flatMap((cause) => [`${indent}because: ${cause.message}`, ...led(cause, `${indent}  `)])
}

/** Where the trouble began is where something can be done about it. */
export function remedy(error: NsmError): string {
  return rootCause(error).remedy
}
