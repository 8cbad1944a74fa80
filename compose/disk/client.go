package disk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
)

// Client is a disk that another process serves, by Serve. Close ends it.
type Client struct {
	id   string // of this client: what another one asked for is answered on the same stream
	in   io.WriteCloser
	read chan struct{} // closed when out has ended

	mu      sync.Mutex // guards what follows, and writing to in
	last    int
	waiting map[string]chan answer
	ended   error // why there is no answer any more
}

var _ Disk = (*Client)(nil)

// NewClient talks to Serve, whose in and out these are. The client ends when out does.
func NewClient(in io.WriteCloser, out io.Reader) *Client {
	c := &Client{id: rand.Text(), in: in, read: make(chan struct{}), waiting: map[string]chan answer{}}
	go c.readAnswers(out)
	return c
}

func (c *Client) readAnswers(out io.Reader) {
	defer close(c.read)
	answers := json.NewDecoder(out)
	for {
		var a answer
		err := answers.Decode(&a)
		c.mu.Lock()
		if err != nil {
			c.ended = errors.New("the process that serves the disk has ended")
			if !errors.Is(err, io.EOF) {
				c.ended = fmt.Errorf("reading from the process that serves the disk: %w", err)
			}
			for _, waiting := range c.waiting {
				close(waiting)
			}
			clear(c.waiting)
			c.mu.Unlock()
			return
		}
		if waiting := c.waiting[a.ID]; waiting != nil {
			waiting <- a
			delete(c.waiting, a.ID)
		}
		c.mu.Unlock()
	}
}

// Close closes the stream of requests, so that Serve unmounts the disk and ends, and waits until it has.
func (c *Client) Close() error {
	err := c.in.Close()
	<-c.read
	return err
}

// ask asks for something, and waits for the answer or for ctx. What was asked for is done even if ctx ends.
func (c *Client) ask(ctx context.Context, m message) (answer, error) {
	answered, id, err := c.send(m)
	if err != nil {
		return answer{}, fmt.Errorf("asking the disk for %s: %w", m.Do, err)
	}
	select {
	case a, ok := <-answered:
		switch {
		case !ok:
			return answer{}, fmt.Errorf("asking the disk for %s: %w", m.Do, c.why())
		case a.Error != "":
			return a, errors.New(a.Error)
		}
		return a, nil
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		return answer{}, fmt.Errorf("waiting for the disk's answer to %s: %w", m.Do, context.Cause(ctx))
	}
}

func (c *Client) send(m message) (<-chan answer, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return nil, "", c.ended
	}
	c.last++
	m.ID = c.id + "-" + strconv.Itoa(c.last)
	line, err := json.Marshal(m)
	if err != nil {
		return nil, "", err
	}
	answered := make(chan answer, 1)
	c.waiting[m.ID] = answered
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		delete(c.waiting, m.ID)
		return nil, "", err
	}
	return answered, m.ID, nil
}

func (c *Client) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Mount has the other process mount a disk, as Mount does. Paths, and the log, are that process's.
func (c *Client) Mount(ctx context.Context, o Options) error {
	_, err := c.ask(ctx, message{Do: doMount, Options: &o})
	return err
}

// Set implements Disk.
func (c *Client) Set(ctx context.Context, name string, f Fault) error {
	_, err := c.ask(ctx, message{Do: doSet, Name: name, Fault: &f})
	return err
}

// Lift implements Disk.
func (c *Client) Lift(ctx context.Context, name string) error {
	_, err := c.ask(ctx, message{Do: doLift, Name: name})
	return err
}

// SetWriteback implements Disk.
func (c *Client) SetWriteback(ctx context.Context, w Writeback) error {
	_, err := c.ask(ctx, message{Do: doWriteback, Writeback: &w})
	return err
}

// Sync implements Disk.
func (c *Client) Sync(ctx context.Context) error {
	_, err := c.ask(ctx, message{Do: doSync})
	return err
}

// Freeze implements Disk.
func (c *Client) Freeze(ctx context.Context) error {
	_, err := c.ask(ctx, message{Do: doFreeze})
	return err
}

// Thaw implements Disk.
func (c *Client) Thaw(ctx context.Context) error {
	_, err := c.ask(ctx, message{Do: doThaw})
	return err
}

// LosePower implements Disk.
func (c *Client) LosePower(ctx context.Context, tear Tear) (Loss, error) {
	a, err := c.ask(ctx, message{Do: doLosePower, Tear: &tear})
	return valueOf(a.Loss), err
}

// State implements Disk.
func (c *Client) State(ctx context.Context) (State, error) {
	a, err := c.ask(ctx, message{Do: doState})
	return valueOf(a.State), err
}

// Unmount implements Disk.
func (c *Client) Unmount(ctx context.Context) error {
	_, err := c.ask(ctx, message{Do: doUnmount})
	return err
}
