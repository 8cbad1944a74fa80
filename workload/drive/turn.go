package drive

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
)

// ready makes what a client uses for all of its turns.
func (load *Load) ready(c *Client) {
	t := &c.turn
	t.flights, t.over = make([]flight, max(load.Spec.Pipeline, 1)), make(chan struct{}, 1)
	if t.occupation = load.occupation; t.occupation != nil && len(t.flights) > 1 {
		t.unanswered = books.NewUnanswered(load.occupation, c.ID, load.Target.Shards())
	}
	for i := range t.flights {
		f := &t.flights[i]
		f.client = c
		f.write.turn, f.write.Transaction = t.unanswered, load.Spec.Transaction
		if f.write.Wait = NewWait(load.Spec); f.write.Wait != nil {
			c.waited = f.write.Wait.replies
		}
		t.all, t.cmds = append(t.all, f), append(t.cmds, &f.cmd)
	}
}

// prepare readies the client's next turn.
func (load *Load) prepare(k Sender, c *Client, begin, called record.Millis) {
	t := &c.turn
	t.begin, t.called = begin, called
	t.pending.Store(int32(len(t.flights)))
	first := c.Writes.Len()
	for i := range t.flights {
		f := &t.flights[i]
		n := first + uint32(i)
		f.key = k.KeyOf(c.ID, n)
		f.shard = load.ShardOf[f.key]
		f.text = k.AppendValue(f.text[:0], c.ID, n)
		f.write.Begin(f.text)
		f.write.shard = f.shard
		f.cmd.Args = k.Command(f.cmd.Args[:0], load.keyArgs[f.key], &f.write)
	}
	t.wait(c.ID)
}

// note enters a client's turn that is over in its history.
func (load *Load) note(c *Client) {
	t := &c.turn
	t.acked, t.end = true, 0
	for i := range t.flights {
		f := &t.flights[i]
		if f.outcome.IsAcked() {
			c.Writes.Ackers.Ack(c.Writes.Len(), f.shard, f.write.By.Name)
		}
		c.Writes.Add(f.outcome, f.end)
		t.acked = t.acked && f.outcome.IsAcked()
		t.end = max(t.end, f.end)
	}
	t.occupation.Leave(c.ID, t.called, t.end)
}

// settle enters what came of writes that have just ended together.
func (load *Load) settle(l *books.Ledger, flights []*flight, timed bool) {
	for len(flights) > 0 {
		n := 1
		f := flights[0]
		o, cause := f.write.Outcome(f.cmd.Err)
		shard := f.shard
		f.outcome = o
		if !o.IsAcked() {
			f.end = load.Rec.Now()
			l.Shards[shard].Errors.Add(o, cause, f.end)
		} else {
			for ; n < len(flights); n++ {
				next := flights[n]
				if next.outcome, _ = next.write.Outcome(next.cmd.Err); !next.outcome.IsAcked() ||
					next.write.By != f.write.By || next.shard != shard {
					break
				}
			}
			now := f.write.By.Ack(shard, n)
			ended := flights[:n]
			for _, acked := range ended {
				acked.end = now
			}
			l.Latency.AddAll(now, n, func(i int) record.Millis { return now - ended[i].client.turn.begin })
		}
		ended := flights[:n]
		for _, f := range ended {
			t := &f.client.turn
			l.Shards[shard].Ended(books.Call{Client: f.client.ID, From: t.called, Over: f.end, Outcome: f.outcome})
			l.Count(f.outcome)
		}
		if timed {
			l.Late.AddAll(f.end, n, func(i int) record.Millis { return ended[i].client.turn.called - ended[i].client.turn.begin })
		}
		flights = flights[n:]
	}
}
