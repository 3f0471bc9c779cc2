import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  MechanismParameter,
  NetworkServiceRequestSchema,
  type NetworkServiceRequest,
  State,
} from "@nsm/api"
import { interfaceName, type WantedWire } from "./service-urls.ts"
import type { Wire } from "./wire.ts"

/**
 * The first request for a wire; goes on with an earlier connection to the same service: with its path
 * and endpoint, or when that is lost only with its addresses.
 */
export function requestFor(
  { id, wanted }: Wire,
  earlier: Connection | undefined,
  { reselects = false } = {},
): NetworkServiceRequest {
  const { networkService, labels, mechanism } = wanted
  const known = earlier?.networkService === networkService ? earlier : undefined
  return create(NetworkServiceRequestSchema, {
    connection: {
      id,
      networkService,
      labels: { ...labels },
      ...(known && {
        context: known.context,
        path: { index: 0, pathSegments: known.path?.pathSegments ?? [] },
        payload: known.payload,
        ...(reselects
          ? { state: State.RESELECT_REQUESTED }
          : { networkServiceEndpointName: known.networkServiceEndpointName }),
      }),
    },
    // Offered anew: the namespace may be another one than before.
    mechanismPreferences: [known ? withName(mechanism, known) : mechanism],
  })
}

/** A wire whose interface nobody named keeps the name that it was given. */
function withName(
  offered: WantedWire["mechanism"],
  { mechanism }: Connection,
): WantedWire["mechanism"] {
  const name = mechanism?.parameters[MechanismParameter.name]
  if (interfaceName(offered) || !name || mechanism.type !== offered.type) return offered
  return { ...offered, parameters: { ...offered.parameters, [MechanismParameter.name]: name } }
}
