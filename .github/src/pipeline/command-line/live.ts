import { styleText } from "node:util"
import { durationText } from "../wave/duration.ts"
import { progressLine } from "../wave/progress-line.ts"
import type { Progress } from "../wave/progress.ts"

/** Where progress is shown: standard error, so that what is printed stays for itself. */
export interface LiveOptions {
  readonly stream: NodeJS.WriteStream
  /** @default milliseconds of this process */
  readonly now?: () => number
}

/** Shows what happens while it happens. */
export interface Live extends Disposable {
  readonly tell: (event: Progress) => void
  /** Prints a text of its own between the lines. */
  readonly say: (text: string) => void
}

/**
 * Prints a line for each event; on a terminal the last line says what is running and for how long.
 */
export function live({ stream, now = () => performance.now() }: LiveOptions): Live {
  const began = now()
  const running = new Map<string, number>()
  let step = ""
  const status = (): string => {
    const checks = [...running].map(([branch, at]) => `${branch} ${durationText(now() - at)}`)
    const text = `${durationText(now() - began)}  ${step}  ${checks.join("  ")}`
    return text.trimEnd().slice(0, Math.max(1, stream.columns - 1))
  }
  const clear = (): string => (stream.isTTY ? "\r\u001B[K" : "")
  const draw = (): void => {
    if (stream.isTTY) stream.write(`${clear()}${styleText("dim", status(), { stream })}`)
  }
  const say = (text: string): void => {
    stream.write(`${clear()}${text}\n`)
    draw()
  }
  const timer = stream.isTTY ? setInterval(draw, 250) : undefined
  return {
    say,
    tell(event) {
      if (event.kind === "step") step = event.step
      if (event.kind === "checking") running.set(event.branch, now())
      if (event.kind === "checked") running.delete(event.branch)
      const line = progressLine(event)
      if (!line) return draw()
      const word = styleText(line.color, line.word.padEnd(9), { stream })
      say(`${durationText(now() - began).padStart(11)}  ${word}  ${line.text}`)
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      stream.write(clear())
    },
  }
}
