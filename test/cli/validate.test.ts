// `packetwalk validate`: which objects Calico takes, with the lines of wrong fields, and its exit status.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const WRONG = `apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: west}
spec:
  cidr: 10.78.0.5/20
  vxlanMode: always
---
apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata: {name: node.n1}
spec:
  asNumber: 64520
---
apiVersion: v1
kind: Pod
metadata: {name: a}
`
const RIGHT = `apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {name: default}
spec:
  bpfEnabled: true
  vxlanMTU: 1400
`

describe('packetwalk validate', () => {
  beforeAll(() => {
    cli.write('wrong.yaml', WRONG)
    cli.write('right.yaml', RIGHT)
  })

  it('names wrong fields with their lines, of clients, too, and ends with 2', () => {
    const { status, stdout, stderr } = cli.run(['validate', '-f', 'wrong.yaml'])
    expect([status, stderr]).toEqual([2, ''])
    expect(stdout.split('\n')).toEqual([
      'wrong.yaml:5: IPPool/west spec.cidr: 10.78.0.5/20 has host bits; 10.78.0.0/20 is meant?',
      'wrong.yaml:6: IPPool/west spec.vxlanMode: expected one of Never, Always, CrossSubnet, not "always"',
      'wrong.yaml:12: BGPConfiguration/node.n1 spec.asNumber: only the BGPConfiguration default can say this',
      '0 accepted, 2 refused, 1 not of Calico',
      '',
    ])
  })

  it('names fields that it reads and does not honour, and ends with 0', () => {
    const { status, stdout } = cli.run(['validate', '-f', 'right.yaml'])
    expect(status).toBe(0)
    expect(stdout).toBe(
      'right.yaml:5: FelixConfiguration/default spec.bpfEnabled: read, not modelled\n1 accepted, 0 refused\n',
    )
    expect(cli.run(['validate', '-q', '-f', 'right.yaml']).stdout).toBe('1 accepted, 0 refused\n')
  })

  it('writes JSON, with defaults when asked', () => {
    const { refused, objects } = JSON.parse(cli.run(['validate', '-f', 'right.yaml', '-o', 'json']).stdout)
    expect(refused).toBe(0)
    expect(objects).toEqual([
      {
        file: 'right.yaml',
        line: 1,
        apiVersion: 'projectcalico.org/v3',
        kind: 'FelixConfiguration',
        name: 'default',
        accepted: true,
        reasons: [],
        notHonoured: [{ path: 'spec.bpfEnabled', line: 5, message: 'read, not modelled' }],
      },
    ])
    const told = JSON.parse(cli.run(['validate', '-f', 'right.yaml', '-o', 'json', '--defaults']).stdout)
    expect(told.objects[0].defaulted.spec).toMatchObject({ vxlanMTU: 1400, nftablesMode: 'Auto' })
  })

  it('needs a file', () => {
    expect(cli.run(['validate'])).toMatchObject({ status: 2, stderr: expect.stringContaining('expected -f FILE') })
  })

  it('is the verb, too, for the first object of a file', () => {
    const { status, stdout } = cli.run(['calico', 'validate', '-f', 'wrong.yaml'])
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      accepted: false,
      reasons: [{ path: 'spec.cidr' }, { path: 'spec.vxlanMode' }],
    })
  })
})

describe('packetwalk explain', () => {
  it('says what a field does', () => {
    expect(cli.run(['explain', 'FELIX_VXLANMTU']).stdout.split('\n')).toEqual([
      'FelixConfiguration spec.vxlanMTU (FELIX_VXLANMTU)',
      '  does     MTU of vxlan.calico',
      '  takes    a whole number',
      '  default  0: that of the uplink less 50',
      '  changes  vxlan.calico',
      '  here     honoured',
      '',
    ])
    expect(JSON.parse(cli.run(['explain', '-j', 'ippool.disabled']).stdout)).toMatchObject({ usual: 'false' })
    expect(cli.run(['explain', 'ippool.nope'])).toMatchObject({ status: 2 })
  })
})
