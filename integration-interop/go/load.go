package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/networkservicemesh/api/pkg/api/networkservice"
)

// loadOrder says how many clients ask at once, how often all of them together, and for what.
type loadOrder struct {
	Clients int             `json:"clients"`
	Count   int             `json:"count"`
	Prefix  string          `json:"prefix"`
	Request json.RawMessage `json:"request"`
}

// loadOutcome is how long each request took that was granted, all together, and why others were not.
type loadOutcome struct {
	TimesMs  []float64 `json:"timesMs"`
	Seconds  float64   `json:"seconds"`
	Failures []string  `json:"failures"`
}

// load times requests of many clients at once; what is granted is closed outside of what is timed.
func load(newClient func() networkservice.NetworkServiceClient) verb {
	return func(ctx context.Context, message json.RawMessage, say func(json.RawMessage)) error {
		var order loadOrder
		if err := json.Unmarshal(message, &order); err != nil {
			return err
		}
		request := new(networkservice.NetworkServiceRequest)
		if err := protojson.Unmarshal(order.Request, request); err != nil {
			return err
		}
		outcome, granted := ask(ctx, order, request, newClient)
		outcome.Failures = append(outcome.Failures, closeAll(granted)...)
		text, err := json.Marshal(outcome)
		if err == nil {
			say(text)
		}
		return err
	}
}

// closing is how many are closed at once.
const closing = 16

func closeAll(granted []func() error) (failures []string) {
	var lock sync.Mutex
	var all sync.WaitGroup
	places := make(chan struct{}, closing)
	for _, giveBack := range granted {
		places <- struct{}{}
		all.Add(1)
		go func() {
			defer all.Done()
			defer func() { <-places }()
			if err := giveBack(); err != nil {
				lock.Lock()
				failures = append(failures, err.Error())
				lock.Unlock()
			}
		}()
	}
	all.Wait()
	return failures
}

func ask(
	ctx context.Context,
	order loadOrder,
	request *networkservice.NetworkServiceRequest,
	newClient func() networkservice.NetworkServiceClient,
) (outcome loadOutcome, granted []func() error) {
	outcome.TimesMs, outcome.Failures = []float64{}, []string{}
	var lock sync.Mutex
	var all sync.WaitGroup
	numbers := make(chan int)
	for range order.Clients {
		client := newClient()
		all.Add(1)
		go func() {
			defer all.Done()
			for number := range numbers {
				own := proto.CloneOf(request)
				own.Connection.Id = fmt.Sprintf("%s-%d", order.Prefix, number)
				own.Connection.Path = &networkservice.Path{}
				from := time.Now()
				connection, err := client.Request(ctx, own)
				took := time.Since(from)
				lock.Lock()
				if err != nil {
					outcome.Failures = append(outcome.Failures, err.Error())
				} else {
					outcome.TimesMs = append(outcome.TimesMs, float64(took)/float64(time.Millisecond))
					granted = append(granted, func() error {
						_, err := client.Close(ctx, connection)
						return err
					})
				}
				lock.Unlock()
			}
		}()
	}
	from := time.Now()
	for number := range order.Count {
		numbers <- number
	}
	close(numbers)
	all.Wait()
	outcome.Seconds = time.Since(from).Seconds()
	return outcome, granted
}
