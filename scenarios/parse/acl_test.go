package parse

import "testing"

// What the servers decide by their categories of commands, and by selectors, is left to
// them, and so is what the tool does not need.
func TestRulesOfTheDefaultUserThatMayDo(t *testing.T) {
	for _, rules := range []string{
		"default on nopass ~* &* +@all",
		"default ON NOPASS allkeys allchannels allcommands",
		"default on nopass ~* +@all -@dangerous",
		"default on nopass ~* +@all -@dangerous -cluster +cluster",
		"default on nopass ~* +@all -flushall -debug -cluster|reset",
		"default on nopass ~* +@all -cluster|meet +cluster|meet",
		"default on nopass ~* -@all +@read +@write +@admin +@connection",
		"default on nopass (~* +@all)",
		"default off >secret reset on nopass %RW~* +@all",
		"default on nopass ~* +cluster +config +info +ping +set +psync +replconf +command +sadd +sscan",
		"someone off",
		"",
	} {
		if _, err := Scenario("f.yaml", []byte(minimal+"workloads: [{name: w}]\ncluster: {config: {user: \""+rules+"\"}}\n"), fakeCatalog(), nil); err != nil {
			t.Errorf("%q: %v", rules, err)
		}
	}
}
