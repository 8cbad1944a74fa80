package stats

import (
	"encoding/json"
	"testing"
)

func values(numbers ...float64) (all []Value) {
	for _, n := range numbers {
		all = append(all, Value(n))
	}
	return all
}

func TestSummarize(t *testing.T) {
	never := float64(Never)
	for name, test := range map[string]struct {
		values []Value
		want   string
	}{
		"none":  {nil, `{"n":0,"never":0,"min":null,"median":null,"p95":null,"max":null,"mean":null,"median_ci":[null,null],"p95_ci":[null,null]}`},
		"one":   {values(3), `{"n":1,"never":0,"min":3,"median":3,"p95":3,"max":3,"mean":3,"median_ci":[null,null],"p95_ci":[null,null]}`},
		"ten":   {values(10, 9, 8, 7, 6, 5, 4, 3, 2, 1), `{"n":10,"never":0,"min":1,"median":5.5,"p95":10,"max":10,"mean":5.5,"median_ci":[2,9],"p95_ci":[8,null]}`},
		"never": {values(1, never, never), `{"n":3,"never":2,"min":1,"median":"never","p95":"never","max":"never","mean":null,"median_ci":[null,null],"p95_ci":["never",null]}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(Summarize(test.values))
			if err != nil || string(got) != test.want {
				t.Errorf("%s, %v\nwant %s", got, err, test.want)
			}
			var again Summary
			if err := json.Unmarshal(got, &again); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestValueOfJSON(t *testing.T) {
	for text, want := range map[string]Value{`3.5`: 3.5, `0`: 0, `"never"`: Never} {
		var v Value
		if err := json.Unmarshal([]byte(text), &v); err != nil || v != want {
			t.Errorf("%s is %v, %v", text, v, err)
		}
	}
	for _, text := range []string{`{"x":null}`, `{"x":"soon"}`, `{"x":1e999}`, `{"x":[1]}`} {
		var values map[string]Value
		if err := json.Unmarshal([]byte(text), &values); err == nil {
			t.Errorf("%s is %v", text, values)
		}
	}
}
