package main

import (
	"context"
	"fmt"
	"time"

	"github.com/edwarnicke/grpcfd"
	"github.com/networkservicemesh/sdk/pkg/tools/spiffejwt"
	"github.com/networkservicemesh/sdk/pkg/tools/token"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// identity is who this process is, and how it proves that on its connections and in its calls.
type identity struct {
	source *workloadapi.X509Source
	tokens token.GeneratorFunc
}

// newIdentity waits for the first identity that the Workload API gives.
func newIdentity(ctx context.Context, lifetime time.Duration) (*identity, error) {
	wait, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	source, err := workloadapi.NewX509Source(wait)
	if err != nil {
		return nil, fmt.Errorf("no identity from %s: %w", variable(workloadapi.SocketEnv, "(not set)"), err)
	}
	return &identity{source: source, tokens: spiffejwt.TokenGeneratorFunc(source, lifetime)}, nil
}

func (i *identity) Close() { _ = i.source.Close() }

// serverOptions demand mutual TLS, and take file descriptors from unix sockets.
func (i *identity) serverOptions() []grpc.ServerOption {
	config := tlsconfig.MTLSServerConfig(i.source, i.source, tlsconfig.AuthorizeAny())
	return []grpc.ServerOption{grpc.Creds(grpcfd.TransportCredentials(credentials.NewTLS(config)))}
}

// dialOptions are mutual TLS, a token with each call, and file descriptors over unix sockets.
func (i *identity) dialOptions() []grpc.DialOption {
	config := tlsconfig.MTLSClientConfig(i.source, i.source, tlsconfig.AuthorizeAny())
	return []grpc.DialOption{
		grpc.WithTransportCredentials(grpcfd.TransportCredentials(credentials.NewTLS(config))),
		grpc.WithDefaultCallOptions(
			grpc.PerRPCCredentials(token.NewPerRPCCredentials(i.tokens)),
			grpc.WaitForReady(true),
		),
		grpcfd.WithChainUnaryInterceptor(),
		grpcfd.WithChainStreamInterceptor(),
	}
}
