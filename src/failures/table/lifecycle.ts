import type { FailureTable } from '../kind.ts'

/** IPv6 and dual stack. */
export const IPV6: FailureTable = {
  F85: {
    title: 'IPv6 is not forwarded',
    sentence: 'net.ipv6.conf.all.forwarding is 0 on a node: IPv4 works, and IPv6 of pods does not leave it.',
    looks: ['timeout', 'unreach-host'],
    stage: 'host.fib',
    drops: ['FORWARDING_DISABLED', 'NO_ROUTE'],
    needs: ['ipv6'],
    how: 'sysctl',
  },
  F86: {
    title: 'The IPv6 route of a pod is gone',
    sentence: 'The IPv6 route to a pod is missing on its node, and the IPv4 route is there.',
    looks: ['timeout'],
    // Of the lookup on the pod's node: it finds no route but that of the block.
    stage: 'host.fib',
    drops: ['NO_ROUTE', 'BLACKHOLE'],
    needs: ['ipv6'],
    how: 'ip -6 route del',
  },
}

/** Control plane and lifecycle. */
export const LIFECYCLE: FailureTable = {
  F87: {
    title: 'Felix does not run',
    sentence: 'Felix of a node is stopped: old pods go on, a new one has an address and no chains and routes.',
    looks: ['timeout'],
    stage: 'remote.fwd',
    // Where the CNI plugin has made the route, what Felix has no chain for is dropped at the end of its dispatch.
    drops: ['NO_ROUTE', 'BLACKHOLE', 'NF_DROP'],
    needs: ['two-nodes'],
    how: 'Felix stopped, and a new pod',
  },
  F88: {
    title: 'Typha is stale or down',
    sentence: 'Felix hears nothing new: what changed since is written nowhere.',
    looks: ['timeout'],
    stage: 'remote.fwd',
    // Where the CNI plugin has made the route, what Felix has no chain for is dropped at the end of its dispatch.
    drops: ['NO_ROUTE', 'BLACKHOLE', 'NF_DROP'],
    needs: ['two-nodes'],
    how: 'Typha stopped, and a new pod',
  },
  F89: {
    title: 'The pod runs before its network',
    sentence: 'The first seconds of a pod fail, until Felix has written what it needs.',
    looks: ['intermittent'],
    stage: 'remote.fwd',
    drops: [],
    needs: [],
    notModelled:
      'a moment that passes is no state of a cluster: packetwalk run, where programs take their time, shows the gap of a new pod',
  },
  F90: {
    title: 'The CNI plugin is not authorized',
    sentence: 'The token of the plugin has expired: no new pod gets a network.',
    looks: ['pending'],
    stage: 'before-the-packet',
    drops: ['CNI_UNAUTHORIZED'],
    needs: [],
    notModelled: 'tokens: the plugin always gets to the datastore while the API server runs',
  },
  F91: {
    title: 'A leftover CNI configuration decides',
    sentence: 'The first file of /etc/cni/net.d is of another plugin: new pods get its addresses.',
    looks: ['timeout'],
    stage: 'before-the-packet',
    drops: [],
    needs: [],
    notModelled: 'other plugins: a node has Calico’s configuration, or none',
  },
}
