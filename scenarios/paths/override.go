package paths

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Override applies one PATH=VALUE to the tree, nth in the order of the command
// line. Keys on the way that are missing are made: whether they make sense is
// for the decoder to say, as of those in the file.
func Override(ps *document.Problems, root *document.Node, set string, nth int) {
	pos := document.Position{Set: set, SetIndex: nth}
	if at := document.InvalidText([]byte(set)); at >= 0 {
		pos.Set = strings.Trim(strconv.Quote(set), `"`)
		ps.At(pos, "the byte 0x%02x is not UTF-8; write the value in UTF-8", set[at])
		return
	}
	path, text, found := strings.Cut(set, "=")
	if !found {
		ps.At(pos, "no \"=\"; write PATH=VALUE, such as duration=20s")
		return
	}
	steps, err := parsePath(path)
	if err != nil {
		ps.At(pos, "%v", err)
		return
	}
	if len(steps) > document.MaxDepth {
		ps.At(pos, "a path of %d steps; nothing in a scenario is that deep", len(steps))
		return
	}
	value, ok := readSetValue(ps, text, pos)
	if !ok {
		return
	}
	target := root
	for i, s := range steps {
		next := s.follow(target)
		if next == nil && s.canMake(target, steps[i+1:]) {
			next = &document.Node{Name: s.key, Pos: pos}
			target.Kind = document.Mapping
			target.Fields = append(target.Fields, document.Field{Name: s.key, Pos: pos, Value: next})
		}
		if next == nil {
			ps.At(pos, "%s", s.explain(target))
			return
		}
		target = next
	}
	value.Name = target.Name
	for i, item := range value.Items {
		item.Name = fmt.Sprintf("%s[%d]", target.Name, i)
	}
	*target = *value
}

// readSetValue reads the VALUE of a --set: text as it stands, so that bounds
// like "> 0" need no quotes, or a list or mapping in YAML's flow style.
func readSetValue(ps *document.Problems, text string, pos document.Position) (value *document.Node, ok bool) {
	if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "{") {
		return &document.Node{Kind: document.Scalar, Text: text, Pos: pos}, true
	}
	inner := &document.Problems{}
	root := document.ReadTree(inner, []byte("value: "+text))
	if len(inner.List) > 0 {
		ps.At(pos, "%s", inner.List[0].Msg)
		return nil, false
	}
	value = root.Field("value")
	value.MoveTo(pos)
	return value, true
}
