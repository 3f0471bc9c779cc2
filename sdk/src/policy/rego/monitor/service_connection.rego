# Who watches has one of the connections that it selects.
package nsm

default valid = false

valid {
	own := input.spiffe_id_connection_map[input.service_spiffe_id][_]
	own == input.selector_connection_ids[_]
}
