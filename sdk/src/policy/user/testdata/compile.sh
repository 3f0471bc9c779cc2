#!/bin/sh
# Compiles the policies of this folder to the bundles beside them. Needs opa 1.10.1:
#   go install github.com/open-policy-agent/opa@v1.10.1
set -eu
cd "$(dirname "$0")"
build() {
	opa build --target wasm --v0-compatible "$@"
}
build --entrypoint nsm/valid --entrypoint nsm/why --output listed.tar.gz listed.rego data.json
build --entrypoint nsm/valid --output calls_out.tar.gz calls_out.rego
build --entrypoint nsm/why --output no_valid.tar.gz listed.rego data.json
