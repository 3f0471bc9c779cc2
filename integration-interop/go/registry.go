package main

import (
	"context"

	"google.golang.org/grpc"

	"github.com/networkservicemesh/sdk/pkg/registry/chains/memory"
	"github.com/networkservicemesh/sdk/pkg/registry/common/authorize"
)

var (
	registryServerPolicies = authorize.WithPolicies(
		"etc/nsm/opa/common/.*.rego", "etc/nsm/opa/registry/.*.rego", "etc/nsm/opa/server/.*.rego")
	registryClientPolicies = authorize.WithPolicies(
		"etc/nsm/opa/common/.*.rego", "etc/nsm/opa/registry/.*.rego", "etc/nsm/opa/client/.*.rego")
)

func runRegistry(ctx context.Context, s settings, id *identity) error {
	registry := memory.NewServer(ctx, id.tokens,
		memory.WithDialOptions(id.dialOptions()...),
		memory.WithAuthorizeNSRegistryServer(authorize.NewNetworkServiceRegistryServer(registryServerPolicies)),
		memory.WithAuthorizeNSERegistryServer(authorize.NewNetworkServiceEndpointRegistryServer(registryServerPolicies)),
		memory.WithAuthorizeNSRegistryClient(authorize.NewNetworkServiceRegistryClient(registryClientPolicies)),
		memory.WithAuthorizeNSERegistryClient(authorize.NewNetworkServiceEndpointRegistryClient(registryClientPolicies)),
	)
	server := grpc.NewServer(id.serverOptions()...)
	registry.Register(server)
	stop, failed := listen(ctx, s.listenOn, server)
	defer stop()
	return untilStopped(ctx, failed, s.listenOn)
}
