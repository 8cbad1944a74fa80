package chaos

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// asker asks one node for its view, over a connection of its own. It is plain
// RESP, because it asks a hundred times a second.
type asker struct {
	runtime compose.Runtime
	addr    string

	question []byte
	conn     net.Conn
	in       *bufio.Reader
}

func newAsker(r compose.Runtime, addr string) *asker {
	var question strings.Builder
	for _, command := range view.Commands() {
		fmt.Fprintf(&question, "*%d\r\n", len(command))
		for _, word := range command {
			fmt.Fprintf(&question, "$%d\r\n%s\r\n", len(word), word)
		}
	}
	return &asker{runtime: r, addr: addr, question: []byte(question.String())}
}

// ask is what the node says. It is over after observePatience at the latest.
func (a *asker) ask(ctx context.Context) ([]string, error) {
	deadline := time.Now().Add(observePatience)
	if a.conn == nil {
		dial, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		conn, err := a.runtime.Dial(dial, "tcp", a.addr)
		if err != nil {
			return nil, err
		}
		a.conn, a.in = conn, bufio.NewReaderSize(conn, 16<<10)
	}
	replies, err := a.exchange(deadline)
	if err != nil {
		a.close()
	}
	return replies, err
}

func (a *asker) exchange(deadline time.Time) ([]string, error) {
	if err := a.conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := a.conn.Write(a.question); err != nil {
		return nil, err
	}
	replies := make([]string, len(view.Commands()))
	for i := range replies {
		reply, err := a.bulk()
		if err != nil {
			return nil, err
		}
		replies[i] = reply
	}
	return replies, nil
}

// maxReply bounds what a node can make this program hold, in bytes.
const maxReply = 16 << 20

// bulk reads a bulk string.
func (a *asker) bulk() (string, error) {
	header, err := a.in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	length, err := strconv.Atoi(strings.TrimRight(string(header[1:]), "\r\n"))
	if header[0] != '$' || err != nil || length < 0 || length > maxReply {
		return "", fmt.Errorf("%s answered %q", a.addr, header)
	}
	reply := make([]byte, length+len("\r\n"))
	if _, err := io.ReadFull(a.in, reply); err != nil {
		return "", err
	}
	return string(reply[:length]), nil
}

func (a *asker) close() {
	if a.conn != nil {
		a.conn.Close()
		a.conn = nil
	}
}
