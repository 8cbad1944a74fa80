package units

import "testing"

// A percentage has its sign, and is written as it is read.
func TestPercentages(t *testing.T) {
	for text, want := range map[string]float64{"5%": 5, "0.5%": 0.5, "100 %": 100, "0%": 0, "7%": 7} {
		var p, again Percent
		if err := p.UnmarshalScalar(text); err != nil || float64(p) != want {
			t.Errorf("%q is %v, %v", text, p, err)
		}
		if err := again.UnmarshalScalar(p.String()); err != nil || again != p {
			t.Errorf("%q is written %q, and read again %v, %v", text, p, again, err)
		}
	}
	if got := Percent(7).Share(); got != 0.07 {
		t.Errorf("7%% is %v of one", got)
	}
	for _, text := range []string{"5", "", "%", "-5%", "NaN%", "Inf%", "1e999%", "5%%", "five%"} {
		if err := new(Percent).UnmarshalScalar(text); err == nil {
			t.Errorf("%q is read as a percentage", text)
		}
	}
}
