#!/bin/sh
# Compiles the policies of this folder to the bundles beside them. Needs opa 1.10.1:
#   go install github.com/open-policy-agent/opa@v1.10.1
set -eu
cd "$(dirname "$0")"
for policy in */*.rego; do
	opa build --target wasm --v0-compatible --entrypoint nsm/valid --output "${policy%.rego}.tar.gz" "$policy"
done
