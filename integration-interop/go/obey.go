package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// command is a line that is read: what to do, with which message. A number ties its answers to it.
type command struct {
	ID        int             `json:"id"`
	Do        string          `json:"do"`
	Message   json.RawMessage `json:"message"`
	TimeoutMs int             `json:"timeoutMs"`
}

// answer is a line that is written. The last one of a command says so, with the failure if there is one.
type answer struct {
	ID      int             `json:"id"`
	Message json.RawMessage `json:"message,omitempty"`
	Last    bool            `json:"last,omitempty"`
	Failure *failure        `json:"failure,omitempty"`
}

type failure struct {
	Code    codes.Code `json:"code"`
	Message string     `json:"message"`
}

// verb does a command, and gives each message that comes of it to say.
type verb func(ctx context.Context, message json.RawMessage, say func(json.RawMessage)) error

// stop is the command that ends another, whose number is its own.
const stop = "stop"

// obey does the commands that stand on the standard input, all at once, until that ends.
func obey(ctx context.Context, verbs map[string]verb) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &answers{to: os.Stdout}
	running := map[int]context.CancelFunc{}
	var all sync.WaitGroup
	fmt.Fprintln(os.Stdout, "ready")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		if c.Do == stop {
			if end, found := running[c.ID]; found {
				end()
			}
			continue
		}
		do, found := verbs[c.Do]
		if !found {
			return fmt.Errorf("standard input: nothing is called %q", c.Do)
		}
		var call context.Context
		if c.TimeoutMs > 0 {
			call, running[c.ID] = context.WithTimeout(ctx, time.Duration(c.TimeoutMs)*time.Millisecond)
		} else {
			call, running[c.ID] = context.WithCancel(ctx)
		}
		all.Add(1)
		go func() {
			defer all.Done()
			out.last(c.ID, do(call, c.Message, func(m json.RawMessage) {
				out.write(answer{ID: c.ID, Message: m})
			}))
		}()
	}
	cancel()
	all.Wait()
	return lines.Err()
}

// answers writes lines one at a time.
type answers struct {
	lock sync.Mutex
	to   io.Writer
}

func (a *answers) last(id int, err error) {
	end := answer{ID: id, Last: true}
	if err != nil {
		end.Failure = &failure{Code: codeOf(err), Message: err.Error()}
	}
	a.write(end)
}

func (a *answers) write(line answer) {
	text, err := json.Marshal(line)
	if err != nil {
		text = []byte(fmt.Sprintf(`{"id":%d,"last":true,"failure":{"code":13,"message":"not JSON"}}`, line.ID))
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	_, _ = a.to.Write(append(text, '\n'))
}

// codeOf finds the status below what elements have wrapped around it.
func codeOf(err error) codes.Code {
	var carrier interface{ GRPCStatus() *status.Status }
	if errors.As(err, &carrier) {
		return carrier.GRPCStatus().Code()
	}
	return codes.Unknown
}

func unary[In proto.Message](call func(context.Context, In) (proto.Message, error)) verb {
	return func(ctx context.Context, message json.RawMessage, say func(json.RawMessage)) error {
		in, err := decode[In](message)
		if err != nil {
			return err
		}
		out, err := call(ctx, in)
		if err != nil {
			return err
		}
		return encode(out, say)
	}
}

func stream[In proto.Message](open func(context.Context, In) (func() (proto.Message, error), error)) verb {
	return func(ctx context.Context, message json.RawMessage, say func(json.RawMessage)) error {
		in, err := decode[In](message)
		if err != nil {
			return err
		}
		next, err := open(ctx, in)
		if err != nil {
			return err
		}
		for {
			out, err := next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := encode(out, say); err != nil {
				return err
			}
		}
	}
}

func encode(message proto.Message, say func(json.RawMessage)) error {
	text, err := protojson.Marshal(message)
	if err == nil {
		say(text)
	}
	return err
}

func decode[In proto.Message](text json.RawMessage) (In, error) {
	var none In
	in, ok := none.ProtoReflect().New().Interface().(In)
	if !ok {
		return none, fmt.Errorf("no message of type %T", none)
	}
	return in, protojson.Unmarshal(text, in)
}
