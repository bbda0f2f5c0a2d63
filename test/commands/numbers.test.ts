// What a command takes as a number: where the tool has no words of its own, the refusal says what would have been right.
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { start } from './changed.ts'

describe('a word that is no number is refused by what it stands for', () => {
  it.each([
    ['ip route add 10.9.0.0/16 nexthop via 10.0.0.9 weight x', 'a weight'],
    ['ip rule add tos x', 'a TOS'],
    ['ip rule add dsfield x', 'a TOS'],
    ['ip rule add lookup main suppress_prefixlength x', 'a prefix length'],
    ['ip rule add lookup main sup_pl x', 'a prefix length'],
    ['ip rule add goto x', 'a priority'],
    ['ip rule add dport x', 'a port or a range'],
    ['ip link set eth0 txqueuelen x', 'a queue length'],
    ['ip link add d0 mtu x type dummy', 'an MTU'],
    ['ip link add d0 txqueuelen x type dummy', 'a queue length'],
    ['ip link add d0 numtxqueues x type dummy', 'a number of queues'],
    ['ip link add d0 numrxqueues x type dummy', 'a number of queues'],
    ['ip link add b1 type bridge ageing_time x', 'hundredths of a second'],
    ['ip link add v1 type vxlan id x', 'a VNI'],
    ['ip link add v1 type vxlan vni x', 'a VNI'],
    ['ip link add v1 type vxlan id 8 dstport x', 'a UDP port'],
    ['ip link add v1 type vxlan id 8 ageing x', 'seconds'],
    ['ip link add v1 type vxlan id 8 ttl x', 'a TTL'],
    ['ip link add v1 type vxlan id 8 tos x', 'a TOS'],
    ['bridge fdb add 02:00:00:00:00:09 dev vx dst 10.0.0.9 port x', 'a UDP port'],
    ['bridge fdb add 02:00:00:00:00:09 dev vx dst 10.0.0.9 vni x', 'a VNI'],
    ['bridge fdb add 02:00:00:00:00:09 dev p0 master vlan x', 'a VLAN'],
  ])('%s', (command, expected) => {
    expect(applyCommand(start, 'n', command)).toMatchObject({ refused: `${command}: expected ${expected}, received x` })
  })

  it.each([
    ['ip route add 10.9.0.0/16 dev eth0 metric x', '"metric" value is invalid'],
    ['ip route add 10.9.0.0/16 dev eth0 tos x', '"tos" value is invalid'],
    ['ip route add 10.9.0.0/16 dev eth0 mtu x', '"mtu" value is invalid'],
    ['ip route add 10.9.0.0/16 dev eth0 advmss x', '"mss" value is invalid'],
    ['ip rule add pref x', 'preference value is invalid'],
    ['ip rule add order x', 'preference value is invalid'],
    ['ip link set eth0 mtu x', 'Invalid "mtu" value'],
  ])('%s, in the words of the tool', (command, words) => {
    expect(applyCommand(start, 'n', command)).toEqual({
      refused: `Error: argument "x" is wrong: ${words}`,
      exitCode: 255,
    })
  })

  it.each([
    ['ip rule add from'],
    ['ip rule add fwmark'],
    ['ip rule add pref'],
    ['ip rule add lookup'],
    ['ip route add 10.9.0.0/16 dev'],
    ['ip route add 10.9.0.0/16 dev eth0 metric'],
    ['ip link set eth0 mtu'],
    ['bridge fdb add 02:00:00:00:00:09 dev vx dst'],
  ])('%s is not complete', (command) => {
    expect(applyCommand(start, 'n', command)).toMatchObject({
      refused: 'Command line is not complete. Try option "help"',
    })
  })
})
