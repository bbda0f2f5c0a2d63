/** What the shell knows, for `help`. */
export const HELP = `Commands run on a node (the prompt shows which); pods are reached as with kubectl.

  ip [-4|-6] [-j] [-d] [-br|-o|-s] route|addr|link|neigh|rule|netns|tunnel [show …]     bridge fdb|link show
  ip route|addr|link|neigh|rule add|del|replace|set …          (change the network, then try again)
  arp   ifconfig [DEV]   route -n|add|del   netstat -tulnp|-rn   ss -tulnp [state …] [sport = :N]   wg show [DEV]
  iptables [-t TABLE] -A|-D|-I|-R|-C|-F|-N|-X|-P|-Z|-L|-S …    iptables-save [-c] [-t TABLE]   iptables-restore [-n] < FILE
  ipset list|save|create|add|del|test|flush|destroy|rename|swap|restore   conntrack -L|-D|-C|-F [-p tcp] …   conntrack -E &
  birdcl show protocols [all] [NAME] | show route [for ADDRESS] [all] [protocol|export NAME] | show status|interfaces
  modprobe [-r] MODULE   lsmod   systemctl start|stop|restart|status UNIT   reboot   poweroff   calico-node -felix-ready|-bird-ready
  nslookup|host|dig +short NAME   which PROGRAM   wget -qO- URL   telnet HOST PORT   mtr -r -c N HOST   tracepath[6] HOST   uname -a
  arping [-c N] [-I DEV] HOST   ethtool [-i|-S|-k] DEV   crictl ps|pods|inspectp ID
  cat /proc/sys/net/…    sysctl KEY|DIRECTORY   sysctl -w KEY=VALUE     COMMAND | grep, sed, awk, cut, tr, head, tail, sort, uniq, wc, tee, xargs
  COMMAND > FILE   >> FILE   < FILE   cat > FILE <<EOF         COMMAND; COMMAND && COMMAND || COMMAND   NAME=$(COMMAND)
  cat, ls, cp, mv, rm, mkdir, touch, diff FILE   sed -i 's/…/…/' FILE   (files of the session: nothing is written to a disk)
  sleep SECONDS   date                                         (virtual time)
  ping [-c N] [-s SIZE] [-t TTL] [-M do|want|dont] …           traceroute [-I|-T] [-n] [-q N] [-m HOPS] …
  nc -zv [-w SECONDS] HOST PORT    curl [-m SECONDS] http://HOST[:PORT]     (as far as the connection; HOST also web.shop)
  tcpdump -i IF -nn [-c N] [-w FILE] [filter] &                (watch the next commands; stop with fg)
  kubectl get|describe|apply|create|delete|replace|patch       kubectl label|annotate|scale|set image|set env|rollout|expose|run|exec
  kubectl drain|cordon|uncordon|taint|wait …                   (kubectl api-resources lists the types; what is not modelled is said)
  calicoctl node status|ipam show|check|release               calicoctl get KIND [NAME] [-n NS|-a] [-o wide]
                                                               (workloadendpoints, ippool, networkpolicy, gnp, hep, profile, networkset, tier …)
  why                        the life of the packets of the last ping, traceroute, nc or curl; why -v, why -vv say more
  ssh NODE   exit            go to another node, and back; exit where the session began leaves
  hosts                      namespaces there are
  save NAME   back NAME      remember this moment, and go back to it
  history   help
`
