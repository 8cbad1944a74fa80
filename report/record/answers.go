package record

// AnswerClass is the class of an answer to a probe.
func AnswerClass(answer string) string {
	switch answer {
	case "ack", "clusterdown", "loading":
		return answer
	case "moved", "ask":
		return "moved"
	case "refused", "reset", "unreachable", "timeout":
		return "silent"
	default:
		return "other"
	}
}

// ProbeAck is the answer of a node that took the probe's write.
const ProbeAck = "ack"
