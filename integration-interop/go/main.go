// Command nsm-go runs one role of a mesh on the Go implementation, for the suites that put it beside ours.
//
// A role takes the same NSM_ variables as our program of that role, has its identity from
// SPIFFE_ENDPOINT_SOCKET, and says "ready" and its URLs on a line once others can use it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

var roles = map[string]func(context.Context, settings, *identity) error{
	"registry":  runRegistry,
	"nsmgr":     runManager,
	"forwarder": runForwarder,
	"nse":       runEndpoint,
	"nsc":       runClient,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 || roles[args[0]] == nil {
		return fmt.Errorf("usage: nsm-go registry|nsmgr|forwarder|nse|nsc")
	}
	s, err := readSettings(args[0])
	if err != nil {
		return err
	}
	id, err := newIdentity(ctx, s.maxTokenLifetime)
	if err != nil {
		return err
	}
	defer id.Close()
	return roles[args[0]](ctx, s, id)
}
