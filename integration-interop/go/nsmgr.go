package main

import (
	"context"
	"net/url"

	"github.com/edwarnicke/genericsync"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"google.golang.org/grpc"

	"github.com/networkservicemesh/sdk/pkg/networkservice/chains/nsmgr"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/authorize"
	registryauthorize "github.com/networkservicemesh/sdk/pkg/registry/common/authorize"
	monitorauthorize "github.com/networkservicemesh/sdk/pkg/tools/monitorconnection/authorize"
)

func runManager(ctx context.Context, s settings, id *identity) error {
	var connections genericsync.Map[spiffeid.ID, *genericsync.Map[string, struct{}]]
	options := []nsmgr.Option{
		nsmgr.WithName(s.name),
		nsmgr.WithURL(publicURL(s.listenOn).String()),
		nsmgr.WithDialTimeout(s.dialTimeout),
		nsmgr.WithDialOptions(id.dialOptions()...),
		nsmgr.WithAuthorizeServer(authorize.NewServer(authorize.WithSpiffeIDConnectionMap(&connections))),
		nsmgr.WithAuthorizeMonitorConnectionServer(monitorauthorize.NewMonitorConnectionServer(
			monitorauthorize.WithSpiffeIDConnectionMap(&connections))),
		nsmgr.WithAuthorizeNSRegistryServer(registryauthorize.NewNetworkServiceRegistryServer(registryServerPolicies)),
		nsmgr.WithAuthorizeNSERegistryServer(registryauthorize.NewNetworkServiceEndpointRegistryServer(registryServerPolicies)),
		nsmgr.WithAuthorizeNSRegistryClient(registryauthorize.NewNetworkServiceRegistryClient(registryClientPolicies)),
		nsmgr.WithAuthorizeNSERegistryClient(registryauthorize.NewNetworkServiceEndpointRegistryClient(registryClientPolicies)),
	}
	if s.registry != nil {
		options = append(options, nsmgr.WithRegistry(s.registry))
	}
	manager := nsmgr.NewServer(ctx, id.tokens, options...)
	server := grpc.NewServer(id.serverOptions()...)
	manager.Register(server)
	stop, failed := listen(ctx, s.listenOn, server)
	defer stop()
	return untilStopped(ctx, failed, s.listenOn)
}

// publicURL is where other nodes reach the manager: at the first TCP URL, or else at the first.
func publicURL(urls []*url.URL) *url.URL {
	for _, u := range urls {
		if u.Scheme == "tcp" {
			return u
		}
	}
	return urls[0]
}
