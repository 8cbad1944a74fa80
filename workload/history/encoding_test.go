package history

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// madeUp is random histories of some clients.
func madeUp(r *rand.Rand, clients int) []History {
	all := make([]History, clients)
	for c := range all {
		at := 0
		for range r.IntN(300) {
			at += r.IntN(100)
			all[c].Add(Outcome(r.IntN(4)), record.Millis(at))
		}
	}
	return all
}

func encode(t testing.TB, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reader(b []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(b)) }

// refusesPrefixes wants everything that is cut short to be refused.
func refusesPrefixes(t *testing.T, b []byte, decode func(*bufio.Reader) error) {
	t.Helper()
	for n := range b {
		if err := decode(reader(b[:n])); err == nil {
			t.Fatalf("%d bytes of %d were enough", n, len(b))
		}
	}
}

func TestReceivedIsEncoded(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		published := madeUp(r, 3)
		h := NewReceived(3, 2)
		h.Duplicated, h.Foreign, h.Breaks, h.Unsubscribes, h.Refused = 1, 2, 3, 4, 5
		h.Errors = []record.ErrorCount{{Kind: "eof", Count: 3, First: 1.5, Example: "EOF"}}
		h.Subscribed(0, 1.25)
		h.Unsubscribed(0, 7.75)
		h.Subscribed(0, 9)
		for c := range published {
			for n := range published[c].Len() {
				if r.IntN(4) > 0 {
					h.Message(c, n, record.Millis(r.IntN(30_000)))
				}
			}
		}
		want := h.Foreign
		if seed%2 == 0 {
			h.Message(1, published[1].Len()+uint32(r.IntN(1e6)), 5)
			want++
		}
		b := encode(t, func(w io.Writer) error { return h.Encode(w, published) })
		got, err := DecodeReceived(reader(b), published, 2)
		if err != nil {
			t.Fatal(err)
		}
		if got.Foreign != want {
			t.Errorf("%d foreign, want %d", got.Foreign, want)
		}
		got.Foreign = h.Foreign
		for c := range published {
			for n := range published[c].Len() {
				ms, ok := h.Arrivals[c].At(n)
				if gotMS, gotOK := got.Arrivals[c].At(n); gotOK != ok || ok && gotMS != ms {
					t.Fatalf("message %d of client %d arrived at %d, %v; want %d, %v", n, c, gotMS, gotOK, ms, ok)
				}
			}
		}
		got.Arrivals, h.Arrivals = nil, nil
		if !reflect.DeepEqual(got, h) {
			t.Errorf("got %+v, want %+v", got, h)
		}
		refusesPrefixes(t, b, func(r *bufio.Reader) error {
			_, err := DecodeReceived(r, published, 2)
			return err
		})
	}
}

// A subscription is not held from a time that is none.
func TestHoldsAreTimes(t *testing.T) {
	nan, inf := record.Millis(math.NaN()), record.Millis(math.Inf(1))
	for _, hold := range []Hold{{nan, 5}, {5, nan}, {-1, 5}, {5, 4}, {inf, inf}} {
		h := NewReceived(0, 1)
		h.Held[0] = Holds{hold}
		b := encode(t, func(w io.Writer) error { return h.Encode(w, nil) })
		if _, err := DecodeReceived(reader(b), nil, 1); err == nil {
			t.Errorf("%v was accepted", hold)
		}
	}
}

func TestLockingIsEncoded(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		requests := madeUp(r, 1)[0]
		var l Locking
		var want []Grant
		at := int64(0)
		tick := func() int64 { at += r.Int64N(1 << r.IntN(40)); return at }
		for _, e := range requests.All() {
			switch {
			case !e.Outcome.IsAcked():
			case r.IntN(3) == 0:
				l.Deny()
				want = append(want, Grant{OverNS: -1})
			default:
				g := Grant{tick(), tick(), tick(), tick(), Outcome(r.IntN(4)), Found(r.IntN(int(foundEnd)))}
				l.Grant(g)
				want = append(want, g)
			}
		}
		b := encode(t, l.Encode)
		decoded, err := DecodeLocking(reader(b), &requests)
		if err != nil {
			t.Fatal(err)
		}
		var got []Grant
		for g, granted := range decoded.All() {
			if !granted {
				g.OverNS = -1
			}
			got = append(got, g)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		refusesPrefixes(t, b, func(r *bufio.Reader) error {
			_, err := DecodeLocking(r, &requests)
			return err
		})
		requests.Add(Acked, 1e6)
		if _, err := DecodeLocking(reader(b), &requests); err == nil || !strings.Contains(err.Error(), "were answered") {
			t.Errorf("with a request more: %v", err)
		}
	}
}

func TestKeysAreEncoded(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		const clients = 3
		keys := make([]Key, 4)
		kept := int64(0)
		values := []ValueID{0, ForeignValue, NewValueID(clients+5, 8), NewValueID(0, MaxWrites)}
		at := int64(0)
		for i := range keys {
			for n := range r.IntN(4) {
				g := &Generation{Key: i, Number: n, Cut: r.IntN(4) == 0}
				for range r.IntN(50) {
					at += r.Int64N(1e9) - 1e8
					o := Operation{CallNS: max(at, 0), Client: int32(r.IntN(clients)), Kind: Kind(r.IntN(3)), Doubts: uint8(max(0, r.IntN(500)-245))}
					if o.Kind != Read {
						o.Sets = NewValueID(int(o.Client), r.Uint32N(1e6))
						values = append(values, o.Sets)
					}
					if o.Kind == CAS {
						o.Wants = values[r.IntN(len(values))]
					}
					if o.Answered = r.IntN(5) > 0; o.Answered {
						o.OverNS, o.Node = o.CallNS+r.Int64N(1e7), fmt.Sprint("node-", r.IntN(3))
						if o.Kind != Write {
							o.Found = values[r.IntN(len(values))]
						}
					}
					g.Ops = append(g.Ops, o)
					kept++
				}
				keys[i].Generations = append(keys[i].Generations, g)
			}
		}
		b := encode(t, func(w io.Writer) error { return EncodeKeys(w, keys) })
		got, err := DecodeKeys(reader(b), clients, len(keys), kept)
		if err != nil {
			t.Fatal(err)
		}
		for i := range keys {
			if !reflect.DeepEqual(got[i].Generations, keys[i].Generations) {
				t.Fatalf("key %d of world %d is another", i, seed)
			}
		}
		refusesPrefixes(t, b, func(r *bufio.Reader) error {
			_, err := DecodeKeys(r, clients, len(keys), kept)
			return err
		})
		if _, err := DecodeKeys(reader(b), clients, len(keys), kept-1); err == nil {
			t.Error("more operations were accepted than there is room for")
		}
		if _, err := DecodeKeys(reader(b), 1, len(keys), kept); kept > 100 && err == nil {
			t.Error("clients were accepted that there are not")
		}
	}
}

func TestGroupsAreEncoded(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 4))
		written := madeUp(r, 3)
		pending := int64(7)
		g := Group{Problem: "no end", Pending: &pending, Errors: []record.ErrorCount{{Kind: "nogroup", Count: 1}}}
		if seed%2 == 0 {
			g.Problem, g.Unasked, g.Pending, g.Errors = "", "nobody knows", nil, nil
		}
		var want []GroupEvent
		at := int64(0)
		for range r.IntN(100) {
			e := GroupEvent{Kind: GroupEventKind(r.IntN(int(groupEventEnd)))}
			if e.Kind != Remade {
				e.Consumer = r.IntN(5)
			}
			if e.Kind != AckedAll {
				at += r.Int64N(1e9)
				e.Key, e.At = r.IntN(4), Milliseconds(at)
			}
			if e.Kind == Delivered {
				e.Foreign, e.Entries = r.Int64N(3), []StreamEntry{}
				for range r.IntN(20) {
					id := PackEntryID(1.7e12+r.Uint64N(1e6), r.Uint64N(1<<entrySeqBits))
					e.Entries = append(e.Entries, StreamEntry{WriteID{r.Uint32N(3), r.Uint32()}, id})
				}
			}
			g.Enter(e)
			want = append(want, e)
		}
		b := encode(t, g.Encode)
		got, err := DecodeGroup(reader(b), written, 4, 5)
		if err != nil {
			t.Fatal(err)
		}
		events := slices.Collect(got.All())
		for i := range events {
			if d := events[i].At - want[i].At; d > 1e-5 || d < -1e-5 {
				t.Fatalf("at %v, want %v", events[i].At, want[i].At)
			}
			events[i].At = want[i].At
		}
		if !reflect.DeepEqual(events, want) {
			t.Fatalf("got %+v, want %+v", events, want)
		}
		if got.Problem != g.Problem || got.Unasked != g.Unasked || !reflect.DeepEqual(got.Pending, g.Pending) || !reflect.DeepEqual(got.Errors, g.Errors) {
			t.Errorf("got %+v, want %+v", got, g)
		}
		refusesPrefixes(t, b, func(r *bufio.Reader) error {
			_, err := DecodeGroup(r, written, 4, 5)
			return err
		})
		if len(want) > 50 {
			for what, of := range map[string][3]int{"clients": {1, 4, 5}, "streams": {3, 1, 5}, "consumers": {3, 4, 1}} {
				if _, err := DecodeGroup(reader(b), written[:of[0]], of[1], of[2]); err == nil {
					t.Errorf("%s were accepted that there are not", what)
				}
			}
		}
	}
}
