package main

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/networkservicemesh/api/pkg/api/networkservice"
	kernelmech "github.com/networkservicemesh/api/pkg/api/networkservice/mechanisms/kernel"
	"github.com/networkservicemesh/api/pkg/api/registry"

	"github.com/networkservicemesh/sdk/pkg/networkservice/chains/client"
	"github.com/networkservicemesh/sdk/pkg/networkservice/chains/endpoint"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/authorize"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/connect"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/discover"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms/kernel"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms/recvfd"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms/sendfd"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanismtranslation"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/null"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/roundrobin"
	registryclient "github.com/networkservicemesh/sdk/pkg/registry/chains/client"
	registryauthorize "github.com/networkservicemesh/sdk/pkg/registry/common/authorize"
	registrynull "github.com/networkservicemesh/sdk/pkg/registry/common/null"
	registryrecvfd "github.com/networkservicemesh/sdk/pkg/registry/common/recvfd"
	registrysendfd "github.com/networkservicemesh/sdk/pkg/registry/common/sendfd"
)

const (
	forwarderService = "forwarder"
	registerLimit    = 15 * time.Second
)

// runForwarder runs a forwarder with the whole control plane and no data plane.
func runForwarder(ctx context.Context, s settings, id *identity) error {
	lookups := []registryclient.Option{
		registryclient.WithClientURL(s.connectTo),
		registryclient.WithDialOptions(id.dialOptions()...),
		registryclient.WithDialTimeout(s.dialTimeout),
		registryclient.WithNSEAdditionalFunctionality(
			registryrecvfd.NewNetworkServiceEndpointRegistryClient(),
			registrysendfd.NewNetworkServiceEndpointRegistryClient(),
		),
		registryclient.WithNSHealClient(registrynull.NewNetworkServiceRegistryClient()),
		registryclient.WithNSRetryClient(registrynull.NewNetworkServiceRegistryClient()),
		registryclient.WithNSEHealClient(registrynull.NewNetworkServiceEndpointRegistryClient()),
		registryclient.WithNSERetryClient(registrynull.NewNetworkServiceEndpointRegistryClient()),
		registryclient.WithAuthorizeNSRegistryClient(registryauthorize.NewNetworkServiceRegistryClient(registryClientPolicies)),
		registryclient.WithAuthorizeNSERegistryClient(registryauthorize.NewNetworkServiceEndpointRegistryClient(registryClientPolicies)),
	}
	forwarder := endpoint.NewServer(ctx, id.tokens,
		endpoint.WithName(s.name),
		endpoint.WithAuthorizeServer(authorize.NewServer()),
		endpoint.WithAdditionalFunctionality(
			recvfd.NewServer(),
			sendfd.NewServer(),
			discover.NewServer(
				registryclient.NewNetworkServiceRegistryClient(ctx, lookups...),
				registryclient.NewNetworkServiceEndpointRegistryClient(ctx, lookups...)),
			roundrobin.NewServer(),
			mechanisms.NewServer(map[string]networkservice.NetworkServiceServer{kernelmech.MECHANISM: null.NewServer()}),
			connect.NewServer(client.NewClient(ctx,
				client.WithName(s.name),
				client.WithoutRefresh(),
				client.WithDialTimeout(s.dialTimeout),
				client.WithDialOptions(id.dialOptions()...),
				client.WithAdditionalFunctionality(
					mechanismtranslation.NewClient(),
					kernel.NewClient(),
					recvfd.NewClient(),
					sendfd.NewClient(),
				),
			)),
		),
	)
	server := grpc.NewServer(id.serverOptions()...)
	forwarder.Register(server)
	stop, failed := listen(ctx, s.listenOn, server)
	defer stop()

	limited, cancel := context.WithTimeout(ctx, registerLimit)
	defer cancel()
	labels := map[string]string{"p2p": "true"}
	for key, value := range s.labels {
		labels[key] = value
	}
	entry := &registry.NetworkServiceEndpoint{
		Name:                s.name,
		NetworkServiceNames: []string{forwarderService},
		NetworkServiceLabels: map[string]*registry.NetworkServiceLabels{
			forwarderService: {Labels: labels},
		},
		Url: publicURL(s.listenOn).String(),
	}
	if _, err := newRegistrySide(ctx, s, id).endpoints.Register(limited, entry); err != nil {
		return err
	}
	return untilStopped(ctx, failed, s.listenOn)
}
