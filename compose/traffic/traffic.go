// Package traffic says what becomes of the packets of one network namespace: which are lost, refused, held
// back, sent twice, changed or overtaken, and how many pass in a second. It asks the kernel over netlink, and
// calls no other program.
//
// A Rule has a Match (a direction, peers, a protocol, ports at either end) and one Effect. A Table is the
// rules of a namespace: Apply has exactly the rules that it is given stand, Standing reads from the
// kernel what is there, Standing.Verify compares the two, and Clear removes all of it. A process in
// another namespace does the same with Serve, which a Client with the methods of a Table talks to over two
// streams.
//
// # How effects come about
//
// Capabilities says of each effect by which Mechanism it would be on this kernel, or why it cannot be:
//
//   - Nftables loses and rejects packets, before they meet any other rule, and before connections are
//     tracked.
//   - Qdisc limits bandwidth by HTB: at the root of every interface for what leaves, and for what comes on
//     an IFB device for each interface, to which nftables forwards what matches. Bytes are those of the
//     link's frames.
//   - Netem below an HTB class holds packets back, where the kernel has it, the latency is constant or uniform
//     without a correlation, and no other rule gives the same packets a class.
//   - Queue is a netfilter queue for each direction, from which this process lets packets go when they are
//     due, copied or changed as the rules say. It also limits bandwidth where a qdisc of somebody else's is
//     in the way, or where several limits are for the same packets.
//   - Destroy is what Table.Reset does: the kernel ends the sockets of connections that live.
//
// What is lost on its way out is lost as on a wire: the sender is not told. (A packet that nftables drops on
// its way out is: a sender of UDP gets EPERM, and TCP does not count it as sent.) It therefore goes to a netfilter queue
// that nobody reads.
//
// # What is counted
//
// Standing has what each rule has matched and done (Done): by the kernel's counters for Nftables, by those of the class for
// Qdisc and Netem, and by the process that holds it for Queue, which alone measures for how long packets were
// held back. What a rule has counted stays when others come and go.
//
// # When the process ends
//
// What Nftables, Qdisc and Netem do goes on, until any process calls Clear. The kernel drops the packets that a
// queue held, as if the path had lost them, and lets those that come later pass as if the rules of Queue
// were not there; Standing says so. After a kill -9 nothing is stuck.
//
// # What is ours
//
// All has fixed names, so that any process finds it: tables redis-chaos of nftables, qdiscs 7263: at
// the root of interfaces, IFB devices rchaos-N for the interface with the index N, and netfilter queues
// 29287 and 29288 (29289 has nobody who reads it). Nothing else is touched: an interface that has a qdisc
// of somebody else's keeps it. Copies of packets are sent with the mark 0x7263686f.
//
// # Limits
//
// A packet is what the kernel hands on: with segmentation offload up to 64 KiB that become several on
// the wire, and are lost together by Nftables. Queue has them one by one. It takes 7 to 14 % of a processor
// for 10,000 packets a second (BenchmarkQueue), and holds up to 65536 packets in each direction, with those beyond lost. It
// runs on a thread of this process: where all processors are busy, packets are as late as the thread is.
package traffic
