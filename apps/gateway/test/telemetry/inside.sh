#!/bin/sh
# Runs the whole server in a network of its own, where every packet to the outside would leave through one device that
# nobody reads. Prints what the device counted. $1: the runtime, $2: the program, $3: the configuration.
set -eu
ip link set lo up
ip tuntap add dev out0 mode tun
ip link set out0 addrgenmode none # else the kernel itself looks for routers
ip address add 198.51.100.1/24 dev out0
ip link set out0 up
ip route add default dev out0
ip -6 route add default dev out0 2>/dev/null || true

before=$(cat /sys/class/net/out0/statistics/tx_carrier_errors 2>/dev/null || echo 0)
"$1" --conditions=@sekisho/source "$2" --config "$3" --port 7300 > screen 2> errors &
gateway=$!
tries=0
until grep -q 'Ctrl-C stops' screen; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] && kill -0 "$gateway" || { cat screen errors; exit 1; }
  sleep 0.1
done
SEKISHO_KEY=$(grep -o 'sks_[A-Za-z0-9_]*' screen | head -n 1 || true)
[ -n "$SEKISHO_KEY" ] && export SEKISHO_KEY || unset SEKISHO_KEY
run() { "$1" --conditions=@sekisho/source "$2" "$3" ${4+"$4"} ${5+"$5"}; }
run "$1" "$2" list
run "$1" "$2" call everything__echo message=hello
run "$1" "$2" status || true
# Whatever is done now and then, such as asking for news of itself, has had its time.
sleep 2
kill -TERM "$gateway"
wait "$gateway" || true
awk '$1 == "out0:" { print "packets out:", $11 + $12 + $13 + $16 - before }' before="$before" /proc/net/dev
