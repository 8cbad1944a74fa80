package traffic

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Serve does what a Client asks for, in the network namespace of this process, until the requests end
// or ctx is cancelled. Then it removes what it applied, if the client chose so at the start. Each
// request is a line of in, and each answer one of out.
//
// When ctx is cancelled, in is closed if it is an io.Closer, and Serve returns once Read has. That is
// so for a pipe which os.NewFile got in its non-blocking mode; os.Stdin as it is goes on reading.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	table, err := Open("")
	if err != nil {
		return err
	}
	s := &server{table: table, answers: json.NewEncoder(out), onClose: Keeps}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan []byte)
	read := make(chan error, 1)
	go func() {
		defer close(lines)
		read <- readLines(ctx, in, lines)
	}()
	err = s.serve(ctx, lines)
	err = errors.Join(err, s.end())
	cancel()
	if c, ok := in.(io.Closer); ok {
		c.Close()
	}
	if failed := <-read; err == nil && ctx.Err() == nil {
		err = failed
	}
	return err
}

func readLines(ctx context.Context, in io.Reader, lines chan<- []byte) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		select {
		case lines <- append([]byte(nil), scanner.Bytes()...):
		case <-ctx.Done():
			return nil
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("reading requests: %w", err)
	}
	return nil
}

// server is of one client.
type server struct {
	table   *Table
	answers *json.Encoder
	onClose OnClose
}

func (s *server) serve(ctx context.Context, lines <-chan []byte) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-lines:
			if !ok {
				return nil
			}
			if err := s.answers.Encode(s.answer(ctx, line)); err != nil {
				return fmt.Errorf("answering a request: %w", err)
			}
		}
	}
}

func (s *server) answer(ctx context.Context, line []byte) answer {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return answer{Error: fmt.Sprintf("a request that is none: %v", err)}
	}
	a, err := s.do(ctx, r)
	a.Number = r.Number
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

func (s *server) do(ctx context.Context, r request) (answer, error) {
	switch r.Do {
	case doOpen:
		if r.OnClose != Clears && r.OnClose != Keeps {
			return answer{}, fmt.Errorf("on_close %q: want %q or %q", r.OnClose, Clears, Keeps)
		}
		s.onClose = r.OnClose
		return answer{}, nil
	case doApply:
		return answer{}, s.table.Apply(ctx, r.Rules)
	case doStanding:
		is, err := s.table.Standing(ctx)
		return answer{Standing: &is}, err
	case doCapabilities:
		can, err := s.table.Capabilities(ctx)
		return answer{Capabilities: can}, err
	case doReset:
		if r.Match == nil {
			return answer{}, errors.New("a reset without a match")
		}
		ended, err := s.table.Reset(ctx, *r.Match)
		return answer{Connections: ended}, err
	case doClear:
		return answer{}, s.table.Clear(ctx)
	}
	return answer{}, fmt.Errorf("there is no request %q", r.Do)
}

// end is also of a context that was cancelled.
func (s *server) end() error {
	var err error
	if s.onClose == Clears {
		err = s.table.Clear(context.Background())
	}
	return errors.Join(err, s.table.Close())
}
