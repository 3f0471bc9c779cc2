package main

import (
	"context"

	"github.com/networkservicemesh/api/pkg/api/registry"

	"github.com/networkservicemesh/sdk/pkg/registry/chains/client"
	"github.com/networkservicemesh/sdk/pkg/registry/common/authorize"
	"github.com/networkservicemesh/sdk/pkg/registry/common/sendfd"
)

// registrySide is how a process registers and finds, through the manager of its node.
type registrySide struct {
	services  registry.NetworkServiceRegistryClient
	endpoints registry.NetworkServiceEndpointRegistryClient
}

func newRegistrySide(ctx context.Context, s settings, id *identity) registrySide {
	common := []client.Option{
		client.WithClientURL(s.connectTo),
		client.WithDialOptions(id.dialOptions()...),
		client.WithDialTimeout(s.dialTimeout),
	}
	nseOptions := append([]client.Option{
		client.WithAuthorizeNSERegistryClient(authorize.NewNetworkServiceEndpointRegistryClient(registryClientPolicies)),
	}, common...)
	// It names a socket by its inode even where it cannot pass it on.
	if s.connectTo.Scheme == "unix" {
		nseOptions = append(nseOptions,
			client.WithNSEAdditionalFunctionality(sendfd.NewNetworkServiceEndpointRegistryClient()))
	}
	return registrySide{
		services: client.NewNetworkServiceRegistryClient(ctx, append(common,
			client.WithAuthorizeNSRegistryClient(authorize.NewNetworkServiceRegistryClient(registryClientPolicies)),
		)...),
		endpoints: client.NewNetworkServiceEndpointRegistryClient(ctx, nseOptions...),
	}
}
