package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/networkservicemesh/api/pkg/api/networkservice"
	"github.com/networkservicemesh/api/pkg/api/registry"

	"github.com/networkservicemesh/sdk/pkg/networkservice/chains/client"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/authorize"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms/sendfd"
	"github.com/networkservicemesh/sdk/pkg/tools/grpcutils"
)

// newWires is the chain of a client of its own: it keeps what it was granted until that is closed.
func newWires(ctx context.Context, s settings, id *identity) networkservice.NetworkServiceClient {
	options := []client.Option{
		client.WithName(s.name),
		client.WithClientURL(s.connectTo),
		client.WithDialTimeout(s.dialTimeout),
		client.WithDialOptions(id.dialOptions()...),
		client.WithAuthorizeClient(authorize.NewClient()),
	}
	// It names a namespace by its inode even where it cannot pass it on.
	if s.connectTo.Scheme == "unix" {
		options = append(options, client.WithAdditionalFunctionality(sendfd.NewClient()))
	}
	return client.NewClient(ctx, options...)
}

// runClient does what it is told on its standard input: requests, monitoring, registering, finding.
func runClient(ctx context.Context, s settings, id *identity) error {
	connection, err := grpc.NewClient(grpcutils.URLToTarget(s.connectTo), id.dialOptions()...)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	wires := newWires(ctx, s, id)
	monitor := networkservice.NewMonitorConnectionClient(connection)
	side := newRegistrySide(ctx, s, id)

	return obey(ctx, map[string]verb{
		"load": load(func() networkservice.NetworkServiceClient { return newWires(ctx, s, id) }),
		"request": unary(func(ctx context.Context, in *networkservice.NetworkServiceRequest) (proto.Message, error) {
			return wires.Request(ctx, in)
		}),
		"close": unary(func(ctx context.Context, in *networkservice.Connection) (proto.Message, error) {
			return wires.Close(ctx, in)
		}),
		"monitor": stream(func(ctx context.Context, in *networkservice.MonitorScopeSelector) (func() (proto.Message, error), error) {
			events, err := monitor.MonitorConnections(ctx, in)
			return func() (proto.Message, error) { return events.Recv() }, err
		}),
		"register-service": unary(func(ctx context.Context, in *registry.NetworkService) (proto.Message, error) {
			return side.services.Register(ctx, in)
		}),
		"unregister-service": unary(func(ctx context.Context, in *registry.NetworkService) (proto.Message, error) {
			return side.services.Unregister(ctx, in)
		}),
		"find-services": stream(func(ctx context.Context, in *registry.NetworkServiceQuery) (func() (proto.Message, error), error) {
			found, err := side.services.Find(ctx, in)
			return func() (proto.Message, error) { return found.Recv() }, err
		}),
		"register-endpoint": unary(func(ctx context.Context, in *registry.NetworkServiceEndpoint) (proto.Message, error) {
			return side.endpoints.Register(ctx, in)
		}),
		"unregister-endpoint": unary(func(ctx context.Context, in *registry.NetworkServiceEndpoint) (proto.Message, error) {
			return side.endpoints.Unregister(ctx, in)
		}),
		"find-endpoints": stream(func(ctx context.Context, in *registry.NetworkServiceEndpointQuery) (func() (proto.Message, error), error) {
			found, err := side.endpoints.Find(ctx, in)
			return func() (proto.Message, error) { return found.Recv() }, err
		}),
	})
}
