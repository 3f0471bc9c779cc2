import { builtInPolicies, policies, type PolicyPoint } from "@nsm/sdk"

/** What needs real signatures, which nobody has in here. */
const aboutSignatures = /signed$/

/** The policies that daemons ask by default, except for those about signatures. */
export function defaultPolicies(point: PolicyPoint): ReturnType<typeof policies> {
  const folder = point.startsWith("registry") ? /^(common|registry)\// : /^common\//
  return policies({
    point,
    policies: builtInPolicies.filter(
      ({ name }) => folder.test(name) && !aboutSignatures.test(name),
    ),
    verifier: {
      verify() {
        throw new Error("no policy in here looks at signatures")
      },
    },
  })
}
