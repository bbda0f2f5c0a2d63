// Network configurations of CNI as they lie on a node.
import { describe, expect, it } from 'vitest'
import { loadResources } from '../../src/input/index.ts'

const CONFLIST = {
  name: 'k8s-pod-network',
  cniVersion: '0.3.1',
  plugins: [
    {
      type: 'calico',
      mtu: 1380,
      ipam: { type: 'calico-ipam', assign_ipv6: 'true' },
      policy: { type: 'k8s', k8s_auth_token: 'hunter2' },
    },
    { type: 'portmap', snat: true, capabilities: { portMappings: true } },
  ],
}
const load = (...texts: string[]) => loadResources(texts.map((text, i) => ({ name: `${i}`, text }))).resources
const configOf = (text: string | undefined): unknown => JSON.parse(text ?? 'null')

describe('a conflist', () => {
  it('is what the ConfigMap of calico.yaml would say, without credentials', () => {
    const [config, ...more] = load(JSON.stringify(CONFLIST)).configMaps
    expect(more).toEqual([])
    expect(config?.metadata).toEqual({ name: 'calico-config', namespace: 'kube-system' })
    expect(configOf(config?.data?.['cni_network_config'])).toEqual({
      ...CONFLIST,
      plugins: [
        { type: 'calico', mtu: 1380, ipam: { type: 'calico-ipam', assign_ipv6: 'true' }, policy: { type: 'k8s' } },
        CONFLIST.plugins[1],
      ],
    })
  })

  it.each([0, 1])('goes before the template of a ConfigMap, whichever comes first: %i', (first) => {
    const map =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: calico-config, namespace: kube-system}\ndata: {veth_mtu: "0", cni_network_config: "{}"}'
    const texts = [map, JSON.stringify(CONFLIST)]
    const { configMaps } = load(texts[first]!, texts[1 - first]!)
    expect(configMaps).toHaveLength(1)
    expect(configMaps[0]?.data).toMatchObject({ veth_mtu: '0' })
    expect(configOf(configMaps[0]?.data?.['cni_network_config'])).toMatchObject({ name: 'k8s-pod-network' })
  })

  it('of one plugin is a list of it', () => {
    const [config] = load('cniVersion: 0.1.0\nname: net\ntype: calico\nipam: {type: host-local}').configMaps
    expect(configOf(config?.data?.['cni_network_config'])).toMatchObject({
      name: 'net',
      plugins: [{ type: 'calico', ipam: { type: 'host-local' } }],
    })
  })

  it.each(['{"name": "x"}', '{"plugins": []}', '{"name": "x", "type": "y"}'])('is not every map: %s', (text) => {
    expect(() => load(text)).toThrow()
  })
})
