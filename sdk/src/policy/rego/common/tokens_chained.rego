# Every token of the path is for the hop that comes next.
package nsm

default valid = false

valid {
	count(broken) == 0
}

broken[i] {
	input.path_segments[i]
	input.path_segments[i + 1]
	not leads(i, i + 1)
}

leads(i, j) {
	[_, from, _] := io.jwt.decode(input.path_segments[i].token)
	[_, to, _] := io.jwt.decode(input.path_segments[j].token)
	is_array(from.aud)
	is_string(to.sub)
	from.aud[_] == to.sub
}
