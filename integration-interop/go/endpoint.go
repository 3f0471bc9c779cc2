package main

import (
	"context"
	"net"

	"google.golang.org/grpc"

	"github.com/networkservicemesh/api/pkg/api/networkservice"
	kernelmech "github.com/networkservicemesh/api/pkg/api/networkservice/mechanisms/kernel"
	"github.com/networkservicemesh/api/pkg/api/registry"

	"github.com/networkservicemesh/sdk/pkg/networkservice/chains/endpoint"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/authorize"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms/kernel"
	"github.com/networkservicemesh/sdk/pkg/networkservice/common/mechanisms/sendfd"
	"github.com/networkservicemesh/sdk/pkg/networkservice/ipam/point2pointipam"
)

// runEndpoint provides services with addresses of a prefix, and takes its name back when it ends.
func runEndpoint(ctx context.Context, s settings, id *identity) error {
	pool := &net.IPNet{
		IP:   s.prefix.Addr().AsSlice(),
		Mask: net.CIDRMask(s.prefix.Bits(), s.prefix.Addr().BitLen()),
	}
	responder := endpoint.NewServer(ctx, id.tokens,
		endpoint.WithName(s.name),
		endpoint.WithAuthorizeServer(authorize.NewServer()),
		endpoint.WithAdditionalFunctionality(
			point2pointipam.NewServer(pool),
			mechanisms.NewServer(map[string]networkservice.NetworkServiceServer{kernelmech.MECHANISM: kernel.NewServer()}),
			sendfd.NewServer(),
		),
	)
	server := grpc.NewServer(id.serverOptions()...)
	responder.Register(server)
	stop, failed := listen(ctx, s.listenOn, server)
	defer stop()

	side := newRegistrySide(context.WithoutCancel(ctx), s, id)
	limited, cancel := context.WithTimeout(ctx, registerLimit)
	defer cancel()
	labels := make(map[string]*registry.NetworkServiceLabels, len(s.services))
	for _, name := range s.services {
		service := &registry.NetworkService{Name: name, Payload: s.payload}
		if _, err := side.services.Register(limited, service); err != nil {
			return err
		}
		labels[name] = &registry.NetworkServiceLabels{Labels: s.labels}
	}
	entry, err := side.endpoints.Register(limited, &registry.NetworkServiceEndpoint{
		Name:                 s.name,
		NetworkServiceNames:  s.services,
		NetworkServiceLabels: labels,
		Url:                  publicURL(s.listenOn).String(),
	})
	if err != nil {
		return err
	}
	err = untilStopped(ctx, failed, s.listenOn)
	leaving, done := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer done()
	_, _ = side.endpoints.Unregister(leaving, entry)
	return err
}
