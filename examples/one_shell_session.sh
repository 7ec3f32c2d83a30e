#!/bin/sh
# A reference server, a client and the suite, driven from one shell.
#
#     sh examples/one_shell_session.sh [FOLDER]
#
# What is made stays in FOLDER, a new one unless it is said. Everything listens on this machine alone.
set -eu

here=${1:-$(mktemp -d)}
mkdir -p "$here"
server=$here/server.sock
client=$here/client.sock
ctl="spice-reference-ctl --wait 60 --timeout 60"

# Try again until it is so, for a minute.
wait_until() {
    tries=600
    until "$@"; do
        tries=$((tries - 1))
        test $tries -gt 0 || { echo "not within a minute: $*" >&2; exit 1; }
        sleep 0.1
    done
}

# What the client shows is in a file, and has these bytes, or this width.
shows() { $ctl "$client" picture "$here/client.png" >/dev/null 2>&1 && cmp -s "$1" "$here/client.png"; }
is_wide() { $ctl "$client" picture "$here/client.png" 2>/dev/null | grep -q "\"width\": $1,"; }

# Both are ended with the shell, whatever happens.
trap 'kill ${server_process:-} ${client_process:-} 2>/dev/null || true' EXIT
spice-reference-server --spice port=0,disable-ticketing=on,image-compression=glz --pointer absolute \
    --control-socket "$server" >"$here/server.log" &
server_process=$!
spice-reference-client --control-socket "$client" >"$here/client.log" &
client_process=$!
$ctl "$server" hello >/dev/null
port=$(sed -n '1s/.*"port": \([0-9]*\).*/\1/p' "$here/server.log")
$ctl "$client" connect "uri=spice://127.0.0.1:$port"
wait_until is_wide 640
echo "the client shows the guest of 127.0.0.1:$port"

# The guest draws, and the client is asked what it sees.
$ctl "$server" scene 3 >/dev/null
$ctl "$server" picture "$here/guest.png"
wait_until shows "$here/guest.png"
echo "scene 3 has arrived"

# Several questions at once.
printf '%s\n' 'resolution 320 200' 'mouse-mode server' 'notify "a smaller screen" severity=warn' | $ctl "$server"
wait_until is_wide 320
echo "the screen is 320 wide"

# A rule is broken, and the suite says which; then it is kept again.
session=$($ctl "$server" clients | sed 's/.*"session": \([0-9]*\).*/\1/')
$ctl "$server" drop "session=$session"
$ctl "$server" fault session-id-zero >/dev/null
if spiceconf run "tcp:127.0.0.1:$port" --select SPICE-MAIN-003 -q >"$here/broken.txt"; then
    echo "nobody has noticed that a rule is broken" >&2
    exit 1
fi
grep -q SPICE-MAIN-003 "$here/broken.txt"
$ctl "$server" fault on=off >/dev/null
spiceconf run "tcp:127.0.0.1:$port" --select SPICE-MAIN-003 -q >"$here/kept.txt"
echo "the suite has found the rule that was broken, and that it is kept again"

$ctl "$client" quit
$ctl "$server" shutdown
wait
echo "all of it is in $here"
