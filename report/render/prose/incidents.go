package prose

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// IncidentSentences tell of what happened to the nodes without a fault, before all else.
func IncidentSentences(r *report.Result) (sentences []string) {
	for n, i := range r.Incidents {
		text := incidentsShown(r)[n] + ", and no fault of the scenario had done that"
		switch {
		case i.Until == nil:
		case i.Action == report.IncidentDied:
			text += fmt.Sprintf("; it was started again at %s", words.Duration(*i.Until))
		default:
			text += fmt.Sprintf("; that was undone at %s", words.Duration(*i.Until))
		}
		sentences = append(sentences, text+".")
	}
	return sentences
}

// incidentsShown is the incidents in a few words each.
func incidentsShown(r *report.Result) (shown []string) {
	for _, i := range r.Incidents {
		shown = append(shown, fmt.Sprintf("%s %s at %s", i.Node, IncidentText(i), words.Duration(i.At)))
	}
	return shown
}

// IncidentText is what happened, in the past tense.
func IncidentText(i report.Incident) string {
	switch {
	case i.Action == report.IncidentDied && i.OutOfMemory:
		return "was killed because memory ran out"
	case i.Action == report.IncidentDied && i.Exit != "":
		return fmt.Sprintf("died (exit status %s)", i.Exit)
	case i.Action == report.IncidentDied:
		return "died"
	case i.Action == report.IncidentDisconnected && i.Network != "":
		return fmt.Sprintf("was taken off the %s network", i.Network)
	default:
		return "was " + string(i.Action)
	}
}
