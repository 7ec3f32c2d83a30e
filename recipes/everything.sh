#!/usr/bin/env bash
# The suite in parts and one report of them, five minutes of fuzzing, and a matrix; all of it goes into one folder.
#
#   TARGET    what the suite and the fuzzer are about        PARTS         of the suite; 1 for a server that is there already
#   SELECT    which cases, all unless said                   FUZZ_SECONDS  300 unless said
#   TARGETS   what the matrix is about: targets.toml         REPORTS       the folder: reports
#
# The exit status is the first that is not 0, of report, fuzzer and matrix.
set -uo pipefail

target=${TARGET:-ref:server}
parts=${PARTS:-2}
reports=${REPORTS:-reports}
mkdir -p "$reports"

status=0
keep() {
    "$@" || { local found=$?; [ "$status" -ne 0 ] || status=$found; }
}

folders=()
for ((part = 1; part <= parts; part++)); do
    folders+=("$reports/part-$part")
    spiceconf run "$target" --select "${SELECT:-}" --shard "$part/$parts" --report "$reports/part-$part" --quiet &
done
wait
keep spiceconf merge "${folders[@]}" -o "$reports/report"
keep spiceconf fuzz "$target" --time "${FUZZ_SECONDS:-300}" --report "$reports/found"
keep spiceconf matrix "${TARGETS:-targets.toml}" -o "$reports/matrix" -n "$parts" --pairs
exit "$status"
