package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/networkservicemesh/sdk/pkg/tools/grpcutils"
)

const stopLimit = 3 * time.Second

// listen serves on all URLs. What it answers ends the server in order; the channel has a listener's failure.
func listen(ctx context.Context, urls []*url.URL, server *grpc.Server) (stop func(), failed <-chan error) {
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	failures := make(chan error, len(urls))
	for _, u := range urls {
		ends := grpcutils.ListenAndServe(serving, u, server)
		go func() {
			for err := range ends {
				if err != nil {
					failures <- fmt.Errorf("%s: %w", u, err)
				}
			}
		}()
	}
	return func() {
		force := time.AfterFunc(stopLimit, server.Stop)
		server.GracefulStop()
		force.Stop()
		cancel()
	}, failures
}

// untilStopped says that the role is ready, and waits for the signal to end or a failure.
func untilStopped(ctx context.Context, failed <-chan error, urls []*url.URL) error {
	texts := make([]string, len(urls))
	for i, u := range urls {
		texts[i] = u.String()
	}
	fmt.Fprintln(os.Stdout, "ready", strings.Join(texts, ","))
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}
