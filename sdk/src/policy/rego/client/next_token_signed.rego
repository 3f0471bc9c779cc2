# The server signed its token with the key of the certificate that it showed.
package nsm

default valid = false

valid {
	server := object.get(input, "index", 0) + 1
	io.jwt.verify_es256(input.path_segments[server].token, input.auth_info.certificate)
}
