import { describe, expect, test } from 'vitest'
import { hostInterfaceName, vtepMac, workloadEndpointName } from '../../src/control/index.ts'

describe('names that follow from names', () => {
  /** facts/cni.md §2. */
  test.each([
    ['default', 'nginx', 'calic440f455693'],
    ['default', 'nginx-85b98978db-2mf5n', 'caliee91b4f64d4'],
    ['kube-system', 'coredns-5d78c9869d-abcde', 'cali4d5f75c480c'],
    ['default', 'web-0', 'cali0d7763386da'],
    ['demo', 'client', 'cali0e8ee4fc632'],
    ['namespace', 'podname', 'cali82111e10a96'],
  ])('[cni.md §2] host end of %s/%s', (namespace, pod, want) => {
    expect(hostInterfaceName('cali', namespace, pod)).toBe(want)
    expect(want).toHaveLength(15)
  })

  /** facts/felix-routes.md §5. */
  test.each([
    ['node1', '66:f9:37:c3:7e:94', '66:0f:35:f2:60:df'],
    ['node2', '66:2d:bf:44:a6:8b', '66:32:42:ed:de:d5'],
    ['node3', '66:a4:6f:e0:c4:da', '66:71:6e:25:e2:07'],
    ['kind-control-plane', '66:07:01:14:06:90', '66:82:04:36:3b:41'],
    ['kind-worker', '66:46:b3:ce:05:5d', '66:49:30:91:8e:81'],
    ['kind-worker2', '66:03:c5:fc:0f:e5', '66:da:37:f0:3a:28'],
  ])('[felix-routes.md §5] VTEP MACs of %s', (node, v4, v6) => {
    expect([vtepMac(node, 4), vtepMac(node, 6)]).toEqual([v4, v6])
  })

  /** facts/cni.md §6. */
  test.each([
    ['node1', 'my-pod', 'node1-k8s-my--pod-eth0'],
    ['kind-worker', 'web-0', 'kind--worker-k8s-web--0-eth0'],
  ])('[cni.md §6] WorkloadEndpoint on %s of %s', (node, pod, want) =>
    expect(workloadEndpointName(node, pod)).toBe(want),
  )
})
