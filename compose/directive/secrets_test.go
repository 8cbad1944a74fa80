package directive

import (
	"fmt"
	"testing"
)

func TestSecretsOfUsers(t *testing.T) {
	const hash = "1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"
	for rules, want := range map[string]string{
		"app on >s3cret ~* +@all":     "app on #" + hash + " ~* +@all; app on #(hidden) ~* +@all",
		`app on ">s3cret" <s3cret`:    "app on #" + hash + " !" + hash + "; app on #(hidden) !(hidden)",
		"app on #" + hash:             "app on #" + hash + "; app on #(hidden)",
		`app on "~a b" "%R~x\\" +get`: `app on "~a b" "%R~x\\" +get; app on "~a b" "%R~x\\" +get`,
		"default on nopass (+get ~a)": "default on nopass (+get ~a); default on nopass (+get ~a)",
		">name on nopass":             ">name on nopass; >name on nopass",
		`app on '>not balanced`:       "(hidden); (hidden)",
	} {
		hashed := HashPasswords(rules)
		if got := fmt.Sprintf("%s; %s", hashed, HidePasswords(hashed)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", rules, got, want)
		}
	}
}

func TestModernNames(t *testing.T) {
	for old, want := range map[string]string{
		"slave-priority": "replica-priority", "min-slaves-to-write": "min-replicas-to-write", "cluster-slave-validity-factor": "cluster-replica-validity-factor",
		"hash-max-ziplist-entries": "hash-max-listpack-entries", "masterauth": "primaryauth", "hz": "hz",
	} {
		if got := Modern(old); got != want {
			t.Errorf("%s: %s, want %s", old, got, want)
		}
	}
}
