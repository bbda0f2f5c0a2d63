/**
 * The shell script that gathers, on a node, the files packetwalk reads: one folder for the node itself and one for each
 * named network namespace (the pods of containerd and CRI-O), packed into `<node>.tar.gz`. It changes nothing on the node
 * and takes no secrets: WireGuard's private and preshared keys are replaced by `(hidden)` before anything is written, keys among the
 * sysctls are left out, and what is written is for its owner alone.
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
  if [ -n "$netns" ]; then
    ip netns exec "$netns" "$@" >"$dir/$file" 2>/dev/null || rm -f "$dir/$file"
  else
    "$@" >"$dir/$file" 2>/dev/null || rm -f "$dir/$file"
  fi
}

# gather FOLDER NAMESPACE
gather() {
  dir=$1
  netns=$2
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
  keep sysctl.txt sh -c 'sysctl -a 2>/dev/null | grep -E "^net\.(ipv4|ipv6|bridge|netfilter)\." | grep -Ev "^[^=]*(_key|secret)"'
  [ -s "$dir/sysctl.txt" ] || keep sysctl.txt sh -c 'cd /proc/sys && find net/ipv4 net/ipv6 net/bridge net/netfilter -type f 2>/dev/null | grep -Ev "_key|secret" | sort | while read -r path; do value=$(cat "$path" 2>/dev/null) && printf "%s = %s\n" "$(printf %s "$path" | tr /. ./)" "$value"; done'
  keep iptables.txt iptables-save -c
  keep ip6tables.txt ip6tables-save -c
  keep ipset.txt ipset save
  keep conntrack.txt conntrack -L -o extended
  keep wg.txt sh -c 'dump=$(wg show all dump) && printf "%s" "$dump" | awk "BEGIN { FS = OFS = \"\t\" } NF == 5 { \$2 = \"(hidden)\" } NF == 9 && \$3 != \"(none)\" { \$3 = \"(hidden)\" } { print }"'
}

gather "$out/$node" ''
for name in $(ip netns list 2>/dev/null | cut -d ' ' -f 1); do
  gather "$out/$node.$name" "$name"
done
tar -czf "$out.tar.gz" -C "$(dirname "$out")" "$(basename "$out")" && echo "$out.tar.gz"
`.replaceAll('\\${', '${')
