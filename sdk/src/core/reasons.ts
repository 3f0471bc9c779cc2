/**
 * Every reason for which a call can fail: its gRPC code, what it means, and what to do about it.
 * A reason is a stable name, part of the public interface; texts may change, names may not.
 */
// One line each, as in a table:
// oxfmt-ignore
export const reasons = {
  // what the caller sent
  INVALID_REQUEST: ["INVALID_ARGUMENT", "The message lacks a field or holds an impossible value.", "Correct the field that the message names."],
  INVALID_URL: ["INVALID_ARGUMENT", "A URL does not have the form that is expected here.", "Write it as the message shows."],
  INVALID_CONFIGURATION: ["INVALID_ARGUMENT", "A setting has a value that cannot be used.", "Correct the variable or field that the message names."],
  MALFORMED_MESSAGE: ["INVALID_ARGUMENT", "The bytes are not a message of the expected type.", "Check that both sides speak this API and that nothing in between alters it."],
  PATH_INVALID: ["INVALID_ARGUMENT", "The path's index or ids contradict each other.", "Send connection.id equal to the id of your own path segment, and the path as it was returned."],
  MECHANISM_UNSUPPORTED: ["INVALID_ARGUMENT", "No mechanism that was offered can be used at this hop.", "Offer a mechanism of the list in the message."],
  INTERFACE_NAME_INVALID: ["INVALID_ARGUMENT", "An interface name must have 1 to 15 characters, without '/' or blanks.", "Shorten or correct the name in the service URL."],
  // what could not be found
  SERVICE_NOT_FOUND: ["NOT_FOUND", "No network service of that name is registered.", "Check the name, and that its endpoint has registered it."],
  ENDPOINT_NOT_FOUND: ["NOT_FOUND", "No endpoint provides the network service to this client.", "Start an endpoint, or check labels and match rules."],
  FORWARDER_NOT_FOUND: ["UNAVAILABLE", "The node has no forwarder that suits the request.", "Start a forwarder on the node, or check its labels against the service's match rules."],
  COMPOSITION_CIRCULAR: ["FAILED_PRECONDITION", "Match rules lead a connection back to a pass-through endpoint that it has passed.", "Correct the network service's matches: each endpoint of a chain leads on by its own labels."],
  CONNECTION_NOT_FOUND: ["NOT_FOUND", "The connection is not known here.", "Request it first."],
  NAMESPACE_NOT_FOUND: ["NOT_FOUND", "The network namespace does not exist or has gone.", "Check that the workload runs, and that its namespace is visible to the forwarder."],
  LINK_NOT_FOUND: ["NOT_FOUND", "The network interface does not exist.", "Check the interface name in that namespace."],
  // what is taken or used up
  INTERFACE_NAME_TAKEN: ["ALREADY_EXISTS", "The namespace already has an interface of that name.", "Choose another name in the service URL, or remove the interface."],
  ADDRESS_IN_USE: ["ALREADY_EXISTS", "The socket or port is already in use.", "Stop the other process, or listen elsewhere."],
  ADDRESSES_EXHAUSTED: ["RESOURCE_EXHAUSTED", "The endpoint's address pool has no free pair left.", "Widen the pool, or close connections."],
  ADDRESS_EXCLUDED: ["FAILED_PRECONDITION", "An endpoint granted an address that the client already uses or excludes.", "Give the endpoints address pools that do not overlap."],
  // who it is, and what it may
  IDENTITY_MISSING: ["UNAVAILABLE", "The process has no identity yet, or its last one has expired.", "Start the authority, or correct SPIFFE_ENDPOINT_SOCKET; see the log for what it answered."],
  IDENTITY_INVALID: ["UNAUTHENTICATED", "A certificate is no valid X.509-SVID.", "Have it issued again as the message says."],
  PEER_NOT_TRUSTED: ["UNAUTHENTICATED", "The peer showed no certificate, or none that leads to a root of its trust domain.", "Give the peer an identity, or join the trust domains."],
  REFUSED_BY_PEER: ["UNAUTHENTICATED", "The peer refused this process's certificate.", "Join the trust domains, and compare the clocks of both machines."],
  TOKEN_INVALID: ["UNAUTHENTICATED", "A token in the path cannot be read, or is not what it claims to be.", "See the segment that the message names; request again with fresh tokens."],
  PERMISSION_DENIED: ["PERMISSION_DENIED", "A policy does not allow the call.", "See the policy that the message names."],
  POLICY_INVALID: ["INVALID_ARGUMENT", "A policy cannot be loaded.", "Correct the file or URL that the message names; until then the last good one holds."],
  POLICY_FAILED: ["INTERNAL", "A policy could not be evaluated.", "See the policy that the message names, and its log."],
  // what is not there now
  ALL_CANDIDATES_FAILED: ["UNAVAILABLE", "Every endpoint that was tried refused or failed.", "See the causes below."],
  RETRY_BUDGET_EXHAUSTED: ["UNAVAILABLE", "An endpoint failed, and the forwarder tries no further ones, because it retries too much already.", "See the cause below, and which endpoints fail with nsm select --explain; then ask again."],
  ALL_FORWARDERS_FAILED: ["UNAVAILABLE", "Every forwarder that was tried refused or failed.", "See the causes below."],
  ALL_MECHANISMS_FAILED: ["UNAVAILABLE", "Every mechanism that was offered and is supported failed.", "See the causes below."],
  ENDPOINT_STARTING: ["UNAVAILABLE", "An endpoint has been started for the request, and this one did not wait for it.", "Ask again."],
  ENDPOINT_START_FAILED: ["UNAVAILABLE", "No endpoint could be started for the request.", "See how the supplier's command ended, and what it wrote in the supplier's log."],
  PEER_UNREACHABLE: ["UNAVAILABLE", "The next hop does not answer at its address.", "Check that it runs and that its address is reachable."],
  SHUTTING_DOWN: ["UNAVAILABLE", "The process is ending.", "Try again elsewhere or later."],
  // what the machine refuses
  PRIVILEGE_MISSING: ["PERMISSION_DENIED", "The kernel refused for lack of a capability.", "Run with CAP_NET_ADMIN and CAP_SYS_ADMIN, or inside a user namespace."],
  KERNEL_FEATURE_MISSING: ["FAILED_PRECONDITION", "The kernel lacks what is needed.", "Load the module that the message names, or choose another mechanism."],
  KERNEL_REFUSED: ["INTERNAL", "The kernel refused a change.", "See the kernel's own words in the message."],
  STATE_FILE_UNUSABLE: ["FAILED_PRECONDITION", "A file that keeps state across restarts cannot be read or written, or is another one's.", "Correct its rights, remove it, or name another in the setting."],
  // time and order
  DEADLINE_EXCEEDED: ["DEADLINE_EXCEEDED", "The call took longer than its time limit.", "Look at the hop that is named; raise the limit if it is only slow."],
  CANCELLED: ["CANCELLED", "The caller gave up.", "Nothing, if that was meant."],
  CONNECTION_CLOSED: ["ABORTED", "The connection was closed while it was being requested.", "Request it again."],
  UNIMPLEMENTED: ["UNIMPLEMENTED", "The peer does not serve this call.", "Check what listens at that address, and its version."],
  // the rest
  PEER_FAILED: ["UNKNOWN", "A peer failed and gave no reason of this list.", "See the peer's own words in the message."],
  INTERNAL: ["INTERNAL", "A defect.", "Report it with the message and the log around it."],
} as const satisfies Record<string, readonly [code: string, summary: string, remedy: string]>

/** The stable name of a cause. */
export type Reason = keyof typeof reasons
