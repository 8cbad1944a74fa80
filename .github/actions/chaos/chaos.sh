#!/usr/bin/env bash
# Runs scenarios several times each, compares each set with the last good one of the same
# scenario, and writes what came of it as Markdown. action.yml calls it, and any other CI
# system can. What it is told is in the environment:
#
#   CHAOS            the program; "chaos" on PATH by default
#   CHAOS_SCENARIOS  files, globs and names of the library, one a line
#   CHAOS_REPEAT     how many runs of each; 10 by default
#   CHAOS_FAIL_ON    bounds of `chaos compare --fail-on`, one a line
#   CHAOS_ARGS       more arguments of `chaos run`, one a line, such as --runtime=local
#   CHAOS_BASELINE   folder of the last good sets, NAME/set.json; good sets replace them
#   CHAOS_PINNED     folder of the same form, which is looked into first and not changed
#   CHAOS_OUT        new folder for the sets and summary.md; "chaos-sets" by default
#
# It ends with 0 if nothing got worse, 1 if something did, 2 if what it was told is wrong,
# 3 if a scenario could not be run or compared, and 130 if it was interrupted.
set -euo pipefail
shopt -s nullglob globstar

readonly chaos=${CHAOS:-chaos} repeat=${CHAOS_REPEAT:-10} out=${CHAOS_OUT:-chaos-sets}
readonly kept=${CHAOS_BASELINE:-} pinned=${CHAOS_PINNED:-}

readonly words=(PASS FAIL ERROR ERROR) # by the code to end with

scenarios=() arguments=() bounds=()
ran=0      # what `chaos run` ended with
worst=0    # what this script is to end with
compared=0 # sets that were
updated=false
declare -A seen=()  # scenarios that have a set
declare -A unfit=() # by set and bound: its scenario has no such figure

lines='' details='' # the summary: what came of each scenario, and what is folded
room=900000         # in bytes; GitHub shows 1 MiB of a summary at most, and nothing of a longer one

main() {
	read_input
	run_all

	local set sets=()
	for set in "$out"/*/set.json; do
		set=${set%/set.json}
		if [ ! -L "$set" ]; then # as the link to the latest is
			sets+=("$set")
		fi
	done
	check_bounds "${sets[@]}"
	for set in "${sets[@]}"; do
		judge "$set"
	done
	if [ "$ran" != 0 ] && [ "$ran" != 1 ]; then
		tell ERROR 3 "not all runs could be carried out; the log says why"
	elif [ ${#sets[@]} -lt ${#scenarios[@]} ]; then
		tell ERROR 3 "${#scenarios[@]} scenarios were to be run, and ${#sets[@]} left a set; the log says why"
	fi
	conclude ${#sets[@]}
	exit "$worst"
}

wrong() {
	say_error "$1"
	exit 2
}

say_error() {
	if [ "${GITHUB_ACTIONS:-}" = true ]; then
		printf '::error::%s\n' "$1"
	else
		printf 'chaos.sh: %s\n' "$1" >&2
	fi
}

read_input() {
	if ! [[ $repeat =~ ^[1-9][0-9]{0,3}$ ]]; then
		wrong "repeat is \"$repeat\"; write how many runs of each scenario, such as 10"
	fi
	lines_of arguments "${CHAOS_ARGS:-}"
	lines_of bounds "${CHAOS_FAIL_ON:-}"
	if [ -n "$pinned" ] && [ ! -d "$pinned" ]; then
		wrong "baseline-dir is \"$pinned\"; there is no such folder in $PWD"
	fi
	local old=("$out"/*)
	if [ ${#old[@]} != 0 ]; then
		wrong "$out has files in it; name a new folder for the sets"
	fi

	local patterns=() pattern
	lines_of patterns "${CHAOS_SCENARIOS:-}"
	if [ ${#patterns[@]} = 0 ]; then
		wrong "scenarios is empty; name files, such as chaos/*.yaml, or scenarios that \`chaos list\` shows"
	fi
	for pattern in "${patterns[@]}"; do
		add_scenarios "$pattern"
	done
}

# lines_of puts the lines of a text into an array, without those that are blank.
lines_of() { # array text
	local -n into=$1
	local line
	while IFS=$' \t\r' read -r line; do
		if [ -n "$line" ]; then
			into+=("$line")
		fi
	done <<<"$2"
}

# add_scenarios adds the files that match; what has nothing to expand in it stays as it is.
add_scenarios() { # pattern
	local files=("$1") IFS= # without IFS, blanks in a name divide nothing
	if [ ! -e "$1" ]; then
		# shellcheck disable=SC2206
		files=($1)
	fi
	if [ ${#files[@]} = 0 ]; then
		wrong "no file in $PWD matches \"$1\" of scenarios"
	fi
	scenarios+=("${files[@]}")
}

# run_all makes the sets. If anything is wrong with a scenario, none is run.
run_all() {
	"$chaos" run --repeat "$repeat" --out "$out" "${arguments[@]}" -- "${scenarios[@]}" || ran=$?
	case $ran in
	2) wrong "chaos run refused what it was told, and ran nothing; the log says why" ;;
	130) exit 130 ;;
	esac
}

# compare runs chaos compare; ended is what it ended with, and said what it wrote to stderr.
compare() { # baseline set [flag]...
	ended=0
	{ said=$("$chaos" compare "${@:3}" -- "$1" "$2" 2>&1 >&3) || ended=$?; } 3>&1
}

# check_bounds finds the bounds that fit each set: chaos compare refuses those on figures that
# the scenario does not have. One that fits no set is wrong, and ends the script. Each set is
# compared with itself, so that nothing else is refused.
check_bounds() { # [set]...
	local bound set ended said fits
	for bound in "${bounds[@]}"; do
		fits=$#
		for set; do
			compare "$set" "$set" --fail-on "$bound" >/dev/null
			if [ "$ended" = 2 ]; then
				unfit[$set/$bound]=yes
				fits=$((fits - 1))
			fi
		done
		if [ $# != 0 ] && [ $fits = 0 ]; then
			printf '%s\n' "$said" >&2
			wrong "\"$bound\" of fail-on fits no scenario here; the log says why"
		fi
	done
}

# read_set reads the scenario and the verdict of a set: of its fields, which are indented by
# two, not of those within.
read_set() { # set
	local line
	scenario='' verdict=''
	while IFS= read -r line; do
		if [[ $line =~ ^'  "scenario": "'([a-z0-9-]+)'",'?$ ]]; then
			scenario=${BASH_REMATCH[1]}
		elif [[ $line =~ ^'  "verdict": "'([a-z]+)'",'?$ ]]; then
			verdict=${BASH_REMATCH[1]}
		fi
		if [ -n "$scenario" ] && [ -n "$verdict" ]; then
			return
		fi
	done <"$1/set.json"
}

# judge compares a set with the baseline of its scenario, tells what came of it, and keeps
# the set as the baseline if it is good.
judge() { # set
	local name got base='' code=0 ended=0 said='' change held
	read_set "$1"
	name=$scenario got=$verdict
	if [ -z "$name" ] || [ -n "${seen[$name]:-}" ]; then
		printf '%s: it has no scenario, or that of another set: "%s"\n' "$1/set.json" "$name" >&2
		tell ERROR 2 "each scenario needs a name of its own, to have a baseline; the log says which has not"
		return
	fi
	seen[$name]=yes
	if [ "$got" != pass ] && [ "$got" != fail ]; then
		tell ERROR 3 "\`$name\`: the set could not be carried out"
		fold "$name: the set" "$1/set.md"
		return
	fi

	judge_change "$1"
	judge_expectations
	if [ $code = 0 ] && [ "$got" = fail ]; then
		tell WARNING $code "\`$name\`: $held; $change"
	else
		tell "${words[code]}" $code "\`$name\`: $held; $change"
	fi
	if [ $ended = 2 ]; then
		fold_text "$name: why it is not compared" "    ${said//$'\n'/$'\n    '}"
	fi
	fold "$name: compared with the baseline" "$1/compare/compare.md" $code
	fold "$name: the set" "$1/set.md"

	if [ $code = 0 ] && [ "$got" = pass ] && [ "$ran" -le 1 ] && [ -n "$kept" ]; then
		mkdir -p "$kept/$name"
		cp "$1/set.json" "$kept/$name/set.json"
		updated=true
	fi
}

# judge_change compares a set with the baseline of the scenario name. It sets change, code,
# and base: the folder of the baseline, if they were compared.
judge_change() { # set
	local dir bound flags=(--out "$1/compare")
	for dir in "$kept" "$pinned"; do
		if [ -n "$dir" ] && [ -f "$dir/$name/set.json" ]; then
			base=$dir/$name
		fi
	done
	if [ -z "$base" ]; then
		change='there is no baseline to compare it with'
		return
	fi
	for bound in "${bounds[@]}"; do
		if [ -z "${unfit[$1/$bound]:-}" ]; then
			flags+=(--fail-on "$bound")
		fi
	done
	compare "$base" "$1" "${flags[@]}"
	if [ -n "$said" ]; then
		printf '%s\n' "$said" >&2
	fi
	case $ended in
	0) change='no significant regression' ;;
	1) change='significantly worse than the baseline' code=1 ;;
	2) change='not compared, because its baseline is of another scenario' base='' ;;
	*) change='it cannot be compared with its baseline; the log says why. Another name for the baseline starts a new one' code=3 base='' ;;
	esac
	if [ -n "$base" ]; then
		compared=$((compared + 1))
	fi
}

# judge_expectations sets held, and code, by the verdict got and that of base.
judge_expectations() {
	held='no expectation failed'
	if [ "$got" = fail ]; then
		verdict=''
		if [ -n "$base" ]; then
			read_set "$base"
		fi
		held='expectations failed'
		if [ "$verdict" = fail ]; then
			held='expectations failed, as in the baseline'
		elif [ $code = 0 ]; then
			code=1
		fi
	fi
}

# tell adds a line to the summary; the code is one to end with.
tell() { # word code text
	lines+="- $1: $3"$'\n'
	if [ "$2" != 0 ]; then
		say_error "${3//\`/}"
	fi
	if [ "$2" -gt "$worst" ]; then
		worst=$2
	fi
}

# fold adds a Markdown file to the summary, if it is there; open, if the code is not 0.
fold() { # title file [code]
	local text
	if [ -f "$2" ]; then
		IFS= read -r -d '' text <"$2" || true # the end of the file, that is
		fold_text "$1" "$text" "${3:-0}"
	fi
}

fold_text() { # title text [code]
	local LC_ALL=C text=$2 open='' # lengths are in bytes then
	if [ "${3:-0}" != 0 ]; then
		open=' open'
	fi
	if [ ${#text} -gt $room ]; then
		text='There is no room for it here: it is in the artifact.'
	fi
	room=$((room - ${#text}))
	details+=$'\n'"<details$open><summary>$1</summary>"$'\n\n'"$text"$'\n\n</details>\n'
}

# conclude writes the summary, the verdict first.
conclude() { # sets
	local word=${words[worst]} noun=scenarios summary
	if [ "$1" = 1 ]; then
		noun=scenario
	fi
	summary="## $word: $1 $noun, $compared compared with the baseline"$'\n\n'"$lines$details"
	mkdir -p "$out"
	printf '%s' "$summary" >"$out/summary.md"
	printf '%s' "$lines"
	if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
		printf '%s' "$summary" >>"$GITHUB_STEP_SUMMARY"
	fi
	if [ -n "${GITHUB_OUTPUT:-}" ]; then
		printf 'verdict=%s\nupdated=%s\n' "${word,,}" "$updated" >>"$GITHUB_OUTPUT"
	fi
}

main
