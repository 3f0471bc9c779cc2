# Every token of the path can be read as a JWT.
package nsm

default valid = false

valid {
	count(unreadable) == 0
}

unreadable[i] {
	input.path_segments[i]
	not readable(i)
}

readable(i) {
	io.jwt.decode(input.path_segments[i].token)
}
