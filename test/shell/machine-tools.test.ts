// Tools of a machine: modules, units, sockets, files that programs and the kernel keep, and what is said of tools that are not here.
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'

const DEMO = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const POD = 'busybox-deployment-8c7dc8548-x6ljh'

let shell: Shell
beforeEach(() => {
  shell = new Shell(Lab.load(DEMO), 'controlplane')
})
const out = (line: string): string => shell.execute(line).stdout

describe('modprobe', () => {
  it('-r ipip takes the tunnel device and the routes over it; loading it brings a bare device', () => {
    expect(out('lsmod | grep -c "^ipip "')).toBe('1\n')
    expect(out('ip route | grep -c tunl0')).toBe('1\n')
    expect(shell.execute('modprobe -r ipip')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expect(out('ip route | grep -c tunl0')).toBe('0\n')
    expect(shell.execute('ip link show tunl0').exitCode).toBe(1)
    expect(out('lsmod | grep -c ipip')).toBe('0\n')
    shell.execute('modprobe ipip')
    expect(out('ip -br addr show tunl0')).toMatch(/^tunl0@NONE +DOWN +\n$/)
  })

  it('takes the device from the namespaces of pods of the machine, too', () => {
    shell.execute('modprobe -r ipip')
    shell.execute('modprobe ipip')
    expect(out(`ip netns exec ${POD} ip -br link`)).toContain('tunl0')
    shell.execute('rmmod ipip')
    expect(out(`ip netns exec ${POD} ip -br link`)).not.toContain('tunl0')
  })

  it.each([
    ['modprobe -r nf_conntrack', 'modprobe: FATAL: Module nf_conntrack is in use.', 1],
    ['rmmod ip_tunnel', 'rmmod: ERROR: Module ip_tunnel is in use by: ipip', 1],
    ['rmmod wireguard', 'rmmod: ERROR: Module wireguard is not currently loaded', 1],
    ['modprobe nope', 'modprobe: FATAL: Module nope not found in directory /lib/modules/6.1.0', 1],
    ['modprobe -r wireguard', '', 0],
    ['modprobe br_netfilter', '', 0],
    ['modprobe', 'modprobe: ERROR: missing module name.', 1],
    ['modprobe --show-depends ipip', 'expected modprobe [-r] MODULE', 2],
  ])('%s', (line, words, exitCode) => {
    const run = shell.execute(line)
    expect(run.stderr).toContain(words)
    expect(run.exitCode).toBe(exitCode)
  })

  it('br_netfilter has settings, which go with it', () => {
    shell.execute('modprobe -r br_netfilter')
    shell.execute('modprobe br_netfilter')
    expect(out('cat /proc/sys/net/bridge/bridge-nf-call-iptables')).toBe('1\n')
  })

  it('is no tool of a pod', () => {
    expect(shell.execute(`kubectl exec ${POD} -- modprobe -r ipip`)).toMatchObject({ exitCode: 127 })
    expect(out('ip route | grep -c tunl0')).toBe('1\n')
  })
})

describe('systemctl', () => {
  it('stops the kubelet and starts it', () => {
    expect(out('systemctl is-active kubelet')).toBe('active\n')
    expect(shell.execute('systemctl stop kubelet').exitCode).toBe(0)
    expect(shell.execute('systemctl is-active kubelet')).toMatchObject({ stdout: 'inactive\n', exitCode: 3 })
    expect(out('systemctl status kubelet')).toContain('Active: inactive (dead)')
    expect(out('ss -tln | grep -c 10250')).toBe('0\n')
    expect(shell.execute('service kubelet start').exitCode).toBe(0)
    expect(out('systemctl is-active kubelet')).toBe('active\n')
  })

  it('docker sets the policy of FORWARD when it starts', () => {
    shell.execute('systemctl restart docker')
    expect(out('iptables -S FORWARD | head -1')).toBe('-P FORWARD DROP\n')
  })

  it.each([
    ['systemctl restart NetworkManager', 'unmanaged', 0],
    ['systemctl restart firewalld', 'nftables', 0],
    ['systemctl stop nope', 'Failed to stop nope.service: Unit nope.service not found.', 5],
    ['systemctl restart kube-proxy', 'kube-proxy is a pod', 5],
    ['systemctl status nope', 'Unit nope.service could not be found.', 4],
    ['systemctl enable kubelet', 'systemctl enable is not modelled', 2],
    ['shutdown -r +5', 'only now', 2],
  ])('%s', (line, words, exitCode) => {
    const run = shell.execute(line)
    expect(run.stderr).toContain(words)
    expect(run.exitCode).toBe(exitCode)
  })
})

describe('what listens', () => {
  it('ss -tln', () => {
    expect(out('ss -tln | grep 179')).toBe('LISTEN 0      8      0.0.0.0:179        0.0.0.0:*\n')
    expect(out('ss -tlnp | grep -c "users:((\\"kubelet\\"))"')).toBe('2\n')
    expect(out('ss -tn')).toBe('State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n')
  })

  it('netstat', () => {
    expect(out('netstat -tlnp | grep bird')).toMatch(/^tcp +0 +0 0\.0\.0\.0:179 +0\.0\.0\.0:\* +LISTEN +-\/bird\n$/)
    expect(out('netstat -rn')).toBe(out('route -n'))
  })

  it.each(['ss --kill', 'ss -tz', 'netstat -s -x'])('names what it does not do: %s', (line) => {
    expect(shell.execute(line)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('packetwalk: ') })
  })
})

describe('files that programs keep', () => {
  it.each([
    ['ls /etc/cni/net.d', '10-calico.conflist\ncalico-kubeconfig\n'],
    ['cat /var/lib/calico/nodename', 'controlplane'],
    ['cat /var/lib/calico/mtu', '1440'],
    ['ls /opt/cni/bin | head -3', 'bandwidth\ncalico\ncalico-ipam\n'],
    ['grep nodename /etc/cni/net.d/10-calico.conflist', '      "nodename": "controlplane",\n'],
    ['grep server /etc/cni/net.d/calico-kubeconfig', '    server: https://10.96.0.1:443\n'],
    ['grep -c "neighbor 172.17.0.40" /etc/calico/confd/config/bird.cfg', '1\n'],
    ['cat /sys/class/net/ens3/mtu /sys/class/net/ens3/operstate', '1500\nup\n'],
    ['cat /sys/class/net/tunl0/operstate', 'unknown\n'],
    ['cat /etc/hostname', 'controlplane\n'],
    ['grep controlplane /etc/hosts', '172.17.0.32\tcontrolplane\n'],
    ['grep -c "^ens3" /proc/net/route', '2\n'],
    ['grep ens3 /proc/net/route | head -1 | cut -c1-27', 'ens3\t00000000\t010011AC\t0003\n'],
    ['grep -c cali /proc/net/arp', '2\n'],
  ])('%s', (line, stdout) => {
    expect(shell.execute(line)).toMatchObject({ stdout, exitCode: 0 })
  })

  it('counters and connections are those of the moment', () => {
    shell.execute(`ping -c 2 172.17.0.40`)
    expect(out('grep ens3 /proc/net/dev')).toMatch(/^ +ens3: +\d+ +\d+ +0 +0/)
    expect(out('grep -c icmp /proc/net/nf_conntrack')).toBe('1\n')
    expect(out('ip -s link show ens3 | tail -1')).toMatch(/^ +\d+ +\d+ +0 +0 +0 +0 \n$/)
  })

  it('an MTU that is written is set, one that cannot be is refused', () => {
    shell.execute('echo 1400 > /sys/class/net/ens3/mtu')
    expect(out('ip link show ens3 | head -1')).toContain(' mtu 1400 ')
    expect(shell.execute('echo 5 > /sys/class/net/ens3/mtu').exitCode).toBe(1)
  })

  it('the CNI configuration can be taken away', () => {
    expect(shell.execute('rm /etc/cni/net.d/10-calico.conflist').exitCode).toBe(0)
    expect(out('ls /etc/cni/net.d')).toBe('calico-kubeconfig\n')
  })
})

describe('health of Calico', () => {
  it.each(['calico-node -felix-ready', 'calico-node -bird-ready', 'calico-node -felix-live -bird-live'])(
    '%s',
    (line) => {
      expect(shell.execute(line)).toMatchObject({ exitCode: 0, stdout: '' })
    },
  )

  it('Felix that is stopped is not ready', () => {
    shell.lab.occur({ kind: 'agent', agent: 'felix', node: 'controlplane', action: 'stop' })
    expect(shell.execute('calico-node -felix-ready')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('9099/readiness'),
    })
    expect(out('ss -tln | grep -c 9099')).toBe('0\n')
  })

  it('asked for what it does not know, it says so', () => {
    expect(shell.execute('calico-node -nope').stderr).toContain('there are -felix-ready')
  })
})

describe('tools that are not here', () => {
  it.each([
    'nft list ruleset',
    'ipvsadm -Ln',
    'nmap 10.0.0.1',
    'tc qdisc',
    'dmesg',
    'journalctl -u kubelet',
    'docker ps',
  ])('%s is named', (line) => {
    expect(shell.execute(line)).toMatchObject({
      exitCode: 127,
      stderr: expect.stringMatching(new RegExp(`^packetwalk: ${line.split(' ')[0]}: `)),
    })
  })

  it('others nobody knows', () => {
    expect(shell.execute('frobnicate').stderr).toContain('packetwalk does not know this command')
  })
})

describe('ip in other namespaces', () => {
  it.each([
    [`ip netns exec ${POD} ip route | head -1`, 'default via 169.254.1.1 dev eth0 \n'],
    [`ip -n ${POD} -br addr show eth0`, expect.stringContaining('192.168.49.66/32')],
    ['ip netns | grep -c busybox', '1\n'],
    ['ip tunnel show', 'tunl0: any/ip remote any local any ttl inherit nopmtudisc\n'],
    ['ip -o link show ens3', expect.stringMatching(/^2: ens3: [^\n]*\\ {4}link\/ether [^\n]*\n$/)],
    ['ip -o -4 addr show scope global to 172.17.0.0/16', expect.stringMatching(/^2: ens3 {4}inet 172\.17\.0\.32\/16 /)],
    ['ip -br link show type veth | wc -l', '2\n'],
    ['ip -br link show up | grep -c tunl0', '1\n'],
  ])('%s', (line, stdout) => {
    expect(shell.execute(line)).toMatchObject({ stdout, exitCode: 0 })
  })

  it.each([
    ['ip netns exec nope ip route', 'Cannot open network namespace "nope"', 255],
    ['ip netns add x', 'not modelled', 2],
    ['ip monitor', 'one command runs at a time', 2],
    ['ip xfrm state', 'IPsec is not modelled', 2],
    ['ip link show master nope', 'Error: argument "nope" is wrong: Device does not exist', 255],
    ['ip link show dev', 'Command line is not complete', 255],
    ['ip -s route', 'counters of ip link only', 2],
    ['bridge vlan', 'not modelled', 2],
  ])('%s', (line, words, exitCode) => {
    const run = shell.execute(line)
    expect(run.stderr).toContain(words)
    expect(run.exitCode).toBe(exitCode)
  })
})
