# Needs a function that no process here provides. For tests.
package nsm

valid {
	http.send({"method": "get", "url": "http://127.0.0.1"}).status_code == 200
}
