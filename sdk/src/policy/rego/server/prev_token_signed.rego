# The caller signed its token with the key of the certificate that it showed.
package nsm

default valid = false

valid {
	caller := object.get(input, "index", 0) - 1
	caller >= 0
	io.jwt.verify_es256(input.path_segments[caller].token, input.auth_info.certificate)
}
