/**
 * The shell script that gathers, on a node, the files packetwalk reads: one folder for the node itself and one for each
 * other network namespace, named (the pods of containerd and CRI-O) or only held by a process, packed into `<node>.tar.gz`. It changes
 * nothing on the node and takes no secrets: WireGuard's private and preshared keys are replaced by `(hidden)` before anything is written,
 * keys among the sysctls are left out, and what is written is for its owner alone.
 */
export function collectScript(): string {
  return SCRIPT
}

const SCRIPT = String.raw`#!/bin/sh
# Gathers what packetwalk needs to know of this node. Run as root:  sh collect.sh [FOLDER]
# Nothing is changed; secret WireGuard keys are hidden before they are written, and sysctls that are keys or secrets are left out.
set -u
umask 077
node=$(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)
out=\${1:-packetwalk-$node}

# keep FILE COMMAND…: the output of the command, in the namespace that is being gathered. An empty file: the tool has nothing
# to say. No file: it could not be asked.
keep() {
  file=$1
  shift
  $enter "$@" >"$dir/$file" 2>/dev/null || rm -f "$dir/$file"
}

# gather FOLDER [COMMAND…]: the namespace the command enters; the node's own when there is none
gather() {
  dir=$1
  shift
  enter=$*
  mkdir -p "$dir" || exit 1
  keep link.json ip -j -d link show
  [ -s "$dir/link.json" ] || keep link.txt ip -d link show
  keep addr.json ip -j -d addr show
  [ -s "$dir/addr.json" ] || keep addr.txt ip addr show
  keep route.json ip -j -d route show table all
  [ -s "$dir/route.json" ] || keep route.txt ip -d route show table all
  keep route6.json ip -j -d -6 route show table all
  keep rule.json ip -j rule show
  [ -s "$dir/rule.json" ] || keep rule.txt ip rule show
  keep rule6.json ip -j -6 rule show
  keep neigh.json ip -j neigh show
  keep neigh-proxy.json ip -j neigh show proxy
  keep fdb.json bridge -j fdb show
  keep vrf.txt ip vrf show
  keep sysctl.txt sh -c 'sysctl -a 2>/dev/null | grep -E "^net\.(ipv4|ipv6|bridge|netfilter)\." | grep -Ev "^[^=]*(_key|secret)"'
  [ -s "$dir/sysctl.txt" ] || keep sysctl.txt sh -c 'cd /proc/sys && find net/ipv4 net/ipv6 net/bridge net/netfilter -type f 2>/dev/null | grep -Ev "_key|secret" | sort | while read -r path; do value=$(cat "$path" 2>/dev/null) && printf "%s = %s\n" "$(printf %s "$path" | tr /. ./)" "$value"; done'
  keep iptables.txt iptables-save -c
  keep ip6tables.txt ip6tables-save -c
  keep ipset.txt ipset save
  keep conntrack.txt conntrack -L -o extended
  keep nft.json nft -j list ruleset
  [ -s "$dir/nft.json" ] || keep nft.txt nft list ruleset
  keep qdisc.json tc -j qdisc show
  keep tc-filter.jsonl sh -c 'command -v tc >/dev/null || exit 1; ip -o link show | sed "s/^[0-9]*: *\([^:@]*\).*/\1/" | while read -r dev; do for where in root ingress egress; do list=$(tc -j filter show dev "$dev" $where 2>/dev/null | tr -d "\n") && [ -n "$list" ] && printf "{\"dev\":\"%s\",\"where\":\"%s\",\"filters\":%s}\n" "$dev" "$where" "$list"; done; done; exit 0'
  keep bpf-net.json bpftool -j net show
  keep ethtool.txt sh -c 'command -v ethtool >/dev/null || exit 1; ip -o link show | sed "s/^[0-9]*: *\([^:@]*\).*/\1/" | while read -r dev; do ethtool -k "$dev" 2>/dev/null; done; exit 0'
  keep wg.txt sh -c 'dump=$(wg show all dump) && printf "%s" "$dump" | awk "BEGIN { FS = OFS = \"\t\" } NF == 5 { \$2 = \"(hidden)\" } NF == 9 && \$3 != \"(none)\" { \$3 = \"(hidden)\" } { print }"'
}

# in_calico_node COMMAND…: in the container that BIRD runs in
in_calico_node() {
  for tool in crictl docker nerdctl; do
    command -v $tool >/dev/null || continue
    case $tool in
      crictl) id=$(crictl ps --name calico-node -q 2>/dev/null | head -n 1) ;;
      nerdctl) id=$(nerdctl -n k8s.io ps 2>/dev/null | awk '/calico-node/ { print $1; exit }') ;;
      *) id=$($tool ps -q --filter name=calico-node 2>/dev/null | head -n 1) ;;
    esac
    [ -n "$id" ] || continue
    case $tool in
      nerdctl) nerdctl -n k8s.io exec "$id" "$@" ;;
      *) $tool exec "$id" "$@" ;;
    esac
    return
  done
  return 1
}

# What only the machine itself has: names of routing tables, and what BIRD knows.
machine() {
  dir=$1
  enter=
  keep rt_tables sh -c 'cat /etc/iproute2/rt_tables /etc/iproute2/rt_tables.d/*.conf /usr/share/iproute2/rt_tables /usr/share/iproute2/rt_tables.d/*.conf 2>/dev/null | grep .'
  for control in bird bird6; do
    keep $control-protocols.txt in_calico_node birdcl -s /var/run/calico/$control.ctl show protocols
    keep $control-routes.txt in_calico_node birdcl -s /var/run/calico/$control.ctl show route
  done
}

gather "$out/$node"
machine "$out/$node"
own=$(readlink /proc/self/ns/net)
seen=" $own "
for name in $(ip netns list 2>/dev/null | cut -d ' ' -f 1); do
  gather "$out/$node.$name" ip netns exec "$name"
  seen="$seen$(ip netns exec "$name" readlink /proc/self/ns/net 2>/dev/null) "
done
# Namespaces without a name: those of Docker, for instance.
for process in /proc/[0-9]*; do
  net=$(readlink "$process/ns/net" 2>/dev/null) || continue
  case $seen in *" $net "*) continue ;; esac
  command -v nsenter >/dev/null || break
  seen="$seen$net "
  number=\${net#*[}
  gather "$out/$node.net-\${number%]}" nsenter -n -t "\${process#/proc/}"
done
tar -czf "$out.tar.gz" -C "$(dirname "$out")" "$(basename "$out")" && echo "$out.tar.gz"
`.replaceAll('\\${', '${')
