import type { Path, PathSegment } from "@nsm/api"
import type { InputSegment } from "./input.ts"
import type { Subject } from "./question.ts"

/** A connection's path as policies see it: names as on the wire, and nothing that is empty. */
export function pathInput({ index, pathSegments }: Pick<Path, "index" | "pathSegments">): Subject {
  return {
    ...(index > 0 && { index }),
    ...(pathSegments.length > 0 && { path_segments: pathSegments.map(segmentInput) }),
  }
}

function segmentInput({ name, id, token, expires, metrics }: PathSegment): InputSegment {
  return {
    ...(name !== "" && { name }),
    ...(id !== "" && { id }),
    ...(token !== "" && { token }),
    ...(expires && { expires: timeInput(expires) }),
    ...(Object.keys(metrics).length > 0 && { metrics }),
  }
}

function timeInput({
  seconds,
  nanos,
}: NonNullable<PathSegment["expires"]>): NonNullable<InputSegment["expires"]> {
  return { ...(seconds !== 0n && { seconds: Number(seconds) }), ...(nanos !== 0 && { nanos }) }
}
