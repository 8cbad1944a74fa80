package disk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Serve does what a Client asks for on in, and answers on out, until in ends or ctx does,
// which closes in. It serves one disk, which it unmounts at the end: whoever wants it to outlive the
// client keeps in open, and the next client finds it mounted. The log is Options.Log of that disk.
func Serve(ctx context.Context, in io.ReadCloser, out io.Writer, log *slog.Logger) (err error) {
	stop := context.AfterFunc(ctx, func() { in.Close() })
	defer stop()
	s := &server{log: log}
	defer func() {
		if s.disk != nil {
			err = errors.Join(err, s.disk.Unmount(context.WithoutCancel(ctx)))
		}
	}()
	requests, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var m message
		if err := requests.Decode(&m); errors.Is(err, io.EOF) || ctx.Err() != nil {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading what is asked for: %w", err)
		}
		a := answer{ID: m.ID}
		if err := s.do(ctx, m, &a); err != nil {
			a.Error = err.Error()
		}
		if err := answers.Encode(a); err != nil {
			return fmt.Errorf("answering: %w", err)
		}
	}
}

// server has the disk, once it is mounted.
type server struct {
	disk Disk
	log  *slog.Logger
}

func (s *server) do(ctx context.Context, m message, a *answer) (err error) {
	if m.Do == doMount {
		if s.disk != nil {
			return errors.New("a disk is mounted already")
		}
		if m.Options == nil {
			return errors.New("mount without options")
		}
		options := *m.Options
		options.Log = s.log
		s.disk, err = Mount(options)
		return err
	}
	if s.disk == nil && m.Do == doUnmount {
		return nil
	}
	if s.disk == nil {
		return errUnmounted
	}
	switch m.Do {
	case doSet:
		return s.disk.Set(ctx, m.Name, valueOf(m.Fault))
	case doLift:
		return s.disk.Lift(ctx, m.Name)
	case doWriteback:
		return s.disk.SetWriteback(ctx, valueOf(m.Writeback))
	case doSync:
		return s.disk.Sync(ctx)
	case doFreeze:
		return s.disk.Freeze(ctx)
	case doThaw:
		return s.disk.Thaw(ctx)
	case doLosePower:
		loss, err := s.disk.LosePower(ctx, valueOf(m.Tear))
		a.Loss = &loss
		return err
	case doState:
		state, err := s.disk.State(ctx)
		a.State = &state
		return err
	case doUnmount:
		err := s.disk.Unmount(ctx)
		s.disk = nil
		return err
	default:
		return fmt.Errorf("%q is nothing that can be asked for", m.Do)
	}
}

// valueOf is what a pointer points to, or the zero value.
func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
