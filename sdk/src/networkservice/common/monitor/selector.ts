import type { Connection, MonitorScopeSelector, PathSegment } from "@nsm/api"

/** Whether a connection is of a selected service and has the selected segments in a row. */
export function isSelected(
  { path, networkService }: Connection,
  { pathSegments: wanted, networkServices }: MonitorScopeSelector,
): boolean {
  if (networkServices.length > 0 && !networkServices.includes(networkService)) return false
  const segments = path?.pathSegments ?? []
  const last = segments.length - wanted.length
  for (let start = 0; start <= last; start++) {
    if (wanted.every((segment, at) => fits(segments[start + at], segment))) return true
  }
  return wanted.length === 0
}

/** An empty field fits everything. */
function fits(segment: PathSegment | undefined, { id, name, token }: PathSegment): boolean {
  if (!segment) return false
  return (
    (id === "" || id === segment.id) &&
    (name === "" || name === segment.name) &&
    (token === "" || token === segment.token)
  )
}
