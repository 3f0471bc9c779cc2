# No token of the path has ended.
package nsm

default valid = false

valid {
	count(ended) == 0
}

ended[i] {
	input.path_segments[i]
	not lasts(i)
}

lasts(i) {
	[_, claims, _] := io.jwt.decode(input.path_segments[i].token)
	is_number(claims.exp)
	time.now_ns() < claims.exp * 1000000000
}
