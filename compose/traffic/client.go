package traffic

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrEnded is in the chain of the errors of a client whose process has ended, or is reached no more.
var ErrEnded = errors.New("what serves traffic's rules has ended")

// Client has the methods of a Table, and has them done by a process that serves, in its network
// namespace. They can be called at once.
type Client struct {
	requests io.WriteCloser
	read     sync.WaitGroup
	writing  sync.Mutex

	mu      sync.Mutex
	number  uint64
	waiting map[uint64]chan answer
	ended   error // why no more answers come; nil while they do
}

// NewClient is for a process that serves, or is about to. Whoever started it waits for its end.
func NewClient(ctx context.Context, requests io.WriteCloser, answers io.Reader, onClose OnClose) (*Client, error) {
	c := &Client{requests: requests, waiting: map[uint64]chan answer{}}
	c.read.Go(func() { c.readAnswers(answers) })
	if _, err := c.ask(ctx, request{Do: doOpen, OnClose: onClose}); err != nil {
		// What reads ends with the process.
		return nil, errors.Join(err, requests.Close())
	}
	return c, nil
}

// Close ends the requests, and returns when the answers have ended: the process has done by then what was
// chosen at the start.
func (c *Client) Close() error {
	c.writing.Lock()
	err := c.requests.Close()
	c.writing.Unlock()
	c.read.Wait()
	return err
}

// Capabilities is as that of a Table.
func (c *Client) Capabilities(ctx context.Context) (Capabilities, error) {
	a, err := c.ask(ctx, request{Do: doCapabilities})
	return a.Capabilities, err
}

// Apply is as that of a Table.
func (c *Client) Apply(ctx context.Context, rules []Rule) error {
	if err := Check(rules); err != nil {
		return err
	}
	_, err := c.ask(ctx, request{Do: doApply, Rules: rules})
	return err
}

// Clear is as that of a Table.
func (c *Client) Clear(ctx context.Context) error {
	_, err := c.ask(ctx, request{Do: doClear})
	return err
}

// Reset is as that of a Table.
func (c *Client) Reset(ctx context.Context, m Match) ([]Connection, error) {
	a, err := c.ask(ctx, request{Do: doReset, Match: &m})
	return a.Connections, err
}

// Standing is as that of a Table.
func (c *Client) Standing(ctx context.Context) (Standing, error) {
	a, err := c.ask(ctx, request{Do: doStanding})
	if err != nil {
		return Standing{}, err
	}
	if a.Standing == nil {
		return Standing{}, errors.New("what serves traffic's rules answered without what stands")
	}
	return *a.Standing, nil
}

// ask returns when the answer is there or ctx is cancelled. What was asked for may be done then.
func (c *Client) ask(ctx context.Context, r request) (answer, error) {
	answered := make(chan answer, 1)
	c.mu.Lock()
	if c.ended != nil {
		defer c.mu.Unlock()
		return answer{}, c.ended
	}
	c.number++
	r.Number = c.number
	c.waiting[r.Number] = answered
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, r.Number)
		c.mu.Unlock()
	}()
	if err := c.write(r); err != nil {
		return answer{}, fmt.Errorf("asking for traffic's %s: %w: %w", r.Do, ErrEnded, err)
	}
	select {
	case a, ok := <-answered:
		if !ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			return answer{}, fmt.Errorf("asking for traffic's %s: %w", r.Do, c.ended)
		}
		if a.Error != "" {
			return a, errors.New(a.Error)
		}
		return a, nil
	case <-ctx.Done():
		return answer{}, fmt.Errorf("asking for traffic's %s: %w", r.Do, ctx.Err())
	}
}

func (c *Client) write(r request) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err = c.requests.Write(append(line, '\n'))
	return err
}

func (c *Client) readAnswers(answers io.Reader) {
	err := c.hand(answers)
	if err == nil {
		err = io.EOF
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = fmt.Errorf("%w: %w", ErrEnded, err)
	for _, answered := range c.waiting {
		close(answered)
	}
	clear(c.waiting)
}

func (c *Client) hand(answers io.Reader) error {
	scanner := bufio.NewScanner(answers)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		var a answer
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil {
			return fmt.Errorf("an answer that is none: %w", err)
		}
		c.mu.Lock()
		if answered := c.waiting[a.Number]; answered != nil {
			answered <- a
			delete(c.waiting, a.Number)
		}
		c.mu.Unlock()
	}
	return scanner.Err()
}
