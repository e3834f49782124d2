#!/bin/bash
# netlab.sh: several hosts and one switch on one machine, in network namespaces. Needs root, iproute2
# and nftables. NETLAB_PREFIX keeps runs apart; NETLAB_HOSTS is how many hosts there are (3).
#   netlab.sh up | down              make everything, remove everything
#   netlab.sh exec h2 COMMAND...     run COMMAND on host h2, whose address is 10.77.0.2
#   netlab.sh kill h2                end every process on h2 with KILL
#   netlab.sh cut h2 | join h2       packets to and from h2 vanish; neither end is told
#   netlab.sh plug h2 off | on       pull h2's cable: its carrier is gone
set -euo pipefail
prefix=${NETLAB_PREFIX:-spinodal}
hosts=${NETLAB_HOSTS:-3}
switch=$prefix-switch

on_switch() { ip netns exec "$switch" "$@"; }

down() {
  local name
  for name in $(ip netns list | awk -v start="$prefix-" 'index($1, start) == 1 { print $1 }'); do
    ip netns del "$name"
  done
}

up() {
  local number host
  down
  ip netns add "$switch"
  ip -n "$switch" link add bridge type bridge
  ip -n "$switch" link set bridge up
  for number in $(seq "$hosts"); do
    host=$prefix-h$number
    ip netns add "$host"
    ip link add eth0 netns "$host" type veth peer name "port$number" netns "$switch"
    ip -n "$host" address add "10.77.0.$number/24" dev eth0
    ip -n "$host" link set lo up
    ip -n "$host" link set eth0 up
    ip -n "$switch" link set "port$number" master bridge up
  done
  # A packet that the bridge would forward from or to a cut port is dropped.
  on_switch nft -f - <<-RULES
	table bridge netlab {
	  set cut { type ifname; }
	  chain forward {
	    type filter hook forward priority 0; policy accept;
	    iifname @cut drop
	    oifname @cut drop
	  }
	}
	RULES
}

# Each at most some seconds: a process in an uninterruptible call would keep its namespace.
kill_all() {
  local processes
  for _ in $(seq 50); do
    processes=$(ip netns pids "$prefix-$1") && [ -n "$processes" ] || return 0
    # shellcheck disable=SC2086 # one word each
    kill -9 $processes 2>/dev/null || true
    sleep 0.1
  done
  return 1
}

command=${1:?up, down, exec, kill, cut, join or plug}
shift
case $command in
  up | down) "$command" ;;
  exec)
    host=$1
    shift
    exec ip netns exec "$prefix-$host" "$@"
    ;;
  kill) kill_all "$1" ;;
  cut) on_switch nft add element bridge netlab cut "{ port${1#h} }" ;;
  join) on_switch nft delete element bridge netlab cut "{ port${1#h} }" ;;
  plug) ip -n "$switch" link set "port${1#h}" "$([ "$2" = on ] && echo up || echo down)" ;;
  *) echo "netlab: no command $command" >&2; exit 2 ;;
esac
