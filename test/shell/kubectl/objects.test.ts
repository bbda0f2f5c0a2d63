// kubectl on objects: what is stored then, and that what is refused changes nothing.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'
import { type Run, Shell } from '../../../src/shell/index.ts'

const TEXT = readFileSync(new URL('../../lab/transcripts/clusters/three-nodes.yaml', import.meta.url), 'utf8')

class Session {
  readonly lab: Lab
  private readonly shell: Shell
  constructor(options: Parameters<typeof Lab.load>[1] = {}) {
    this.lab = Lab.load({ name: 'three-nodes.yaml', text: TEXT }, options)
    this.shell = new Shell(this.lab)
  }
  run(line: string): Run {
    return this.shell.executeOn('w1', line)
  }
  /** What a line prints that must succeed. */
  out(line: string): string {
    const { stdout, stderr, ok } = this.run(line)
    expect([line, ok, stderr]).toEqual([line, true, expect.anything()])
    return stdout
  }
}
const manifest = (object: object): string => `kubectl apply -f - <<'EOF'\n${JSON.stringify(object)}\nEOF`
const pool = (spec: object) => ({
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'IPPool',
  metadata: { name: 'second' },
  spec: { cidr: '10.9.0.0/16', ...spec },
})

describe('apply', () => {
  it('says created, unchanged and configured, and stores what it says', () => {
    const session = new Session()
    const given = pool({ ipipMode: 'Always', natOutgoing: true })
    expect(session.out(manifest(given))).toBe('ippool.crd.projectcalico.org/second created\n')
    expect(session.out(manifest(given))).toBe('ippool.crd.projectcalico.org/second unchanged\n')
    expect(session.out(manifest(pool({ vxlanMode: 'Always' })))).toBe(
      'ippool.crd.projectcalico.org/second configured\n',
    )
    const { spec } = session.lab.cluster!.resources.ippools.find(({ metadata }) => metadata.name === 'second')!
    expect(spec).toEqual({ cidr: '10.9.0.0/16', vxlanMode: 'Always' })
  })

  it('with --dry-run says so and changes nothing', () => {
    const session = new Session()
    const before = session.lab.objects
    for (const how of ['client', 'server'])
      expect(session.out(manifest(pool({})).replace('-f -', `-f - --dry-run=${how}`))).toMatch(
        /second created \((server )?dry run\)\n/,
      )
    expect(session.run('kubectl delete ippool default-ipv4-ippool --dry-run=client').stdout).toBe(
      'ippool.projectcalico.org "default-ipv4-ippool" deleted (dry run)\n',
    )
    expect(session.lab.objects).toBe(before)
  })

  it('is not confused by what kubectl get printed', () => {
    const session = new Session()
    for (const what of [
      'node w1',
      'ippool default-ipv4-ippool',
      'svc kube-dns -n kube-system',
      'ds calico-node -n kube-system',
      'pod coredns-0 -n kube-system',
    ]) {
      const yaml = session.out(`kubectl get ${what} -o yaml`)
      expect(session.out(`kubectl apply -f - <<'EOF'\n${yaml}EOF`)).toMatch(/ unchanged\n$/)
    }
  })

  it('tells a fault with file and line, and stores nothing of the file', () => {
    const session = new Session()
    const run = session.run(
      `kubectl apply -f - <<'EOF'\n${JSON.stringify(pool({}))}\n---\n${JSON.stringify({ ...pool({ cidr: 'x' }), metadata: { name: 'third' } })}\nEOF`,
    )
    expect(run.stderr).toMatch(/STDIN:\d+:\d+: IPPool\/third spec.cidr: /)
    expect(session.run('kubectl get ippool second').ok).toBe(false)
  })
})

describe('delete', () => {
  it('of a name that nobody has fails, and the others go', () => {
    const session = new Session()
    const run = session.run('kubectl delete svc kubernetes nobody')
    expect(run).toMatchObject({ ok: false, exitCode: 1, stdout: 'service "kubernetes" deleted\n' })
    expect(run.stderr).toMatch(/^Error from server \(NotFound\): services "nobody" not found/)
  })

  it.each([
    'kubectl delete',
    'kubectl delete pods',
    'kubectl delete pods a --all',
    'kubectl delete pods --all -l a=b',
    'kubectl delete pods --all --cascade=never',
    'kubectl delete pods --all --grace-period=1 --now',
    'kubectl delete pods --all --force --grace-period=5',
    'kubectl delete ns default',
  ])('%s is refused and changes nothing', (line) => {
    const session = new Session()
    const before = session.lab.objects
    expect(session.run(line).ok).toBe(false)
    expect(session.lab.objects).toBe(before)
  })
})

describe('options', () => {
  it.each([
    ['kubectl get pods --raw=/x', '--raw'],
    ['kubectl get pods -v=8', '-v'],
    ['kubectl describe pods -f x', '-f'],
    ['kubectl label pods a b=c --field-manager=me', '--field-manager'],
    ['kubectl delete pods --all -i', '-i'],
    ['kubectl replace -f x --force', '--force'],
    ['kubectl scale deploy a --replicas=1 --resource-version=2', '--resource-version'],
    ['kubectl run a --image=b --overrides={}', '--overrides'],
    ['kubectl expose deploy a --override-type=merge', '--override-type'],
    ['kubectl create configmap a --append-hash', '--append-hash'],
    ['kubectl apply -f x --prune', '--prune'],
    ['kubectl cordon w1 --as=somebody', '--as'],
  ])('%s names %s', (line, option) => {
    const { ok, stderr } = new Session().run(line)
    expect(ok).toBe(false)
    expect(stderr).toMatch(new RegExp(`^error: ${option} is not modelled here: `))
  })
})

describe('time', () => {
  it('a watch prints a row whenever a pod changes, and kubectl wait waits', () => {
    const session = new Session({ delays: 'calico' })
    session.out('kubectl create deployment web --image=nginx')
    const rows = session.out('kubectl get pods -w').trim().split('\n')
    expect(rows[0]).toMatch(/^NAME +READY +STATUS/)
    const words = rows.slice(1).map((row) => row.split(/ +/)[2])
    expect(words.at(-1)).toBe('Running')
    expect(words).toContain('ContainerCreating')
    session.out('kubectl scale deploy web --replicas=3')
    expect(session.out('kubectl wait deploy/web --for=condition=Available --timeout=120s')).toBe(
      'deployment.apps/web condition met\n',
    )
    expect(session.out('kubectl get pods --no-headers | grep -c Running').trim()).toBe('3')
  })

  it('a deleted pod ends in its time, and kubectl delete waits for it', () => {
    const session = new Session({ delays: 'calico' })
    session.out('kubectl run a --image=b')
    session.out('kubectl wait pod/a --for=condition=Ready --timeout=120s')
    expect(session.out('kubectl delete pod a --wait=false')).toBe('pod "a" deleted\n')
    expect(session.out('kubectl get pods --no-headers')).toMatch(/^a .* Terminating /)
    expect(session.run('kubectl wait pod/a --for=delete --timeout=1ms').stderr).toMatch(
      /timed out waiting for the condition on pods\/a/,
    )
    expect(session.out('kubectl wait pod/a --for=delete --timeout=120s')).toBe('pod/a condition met\n')
    expect(session.run('kubectl get pod a').ok).toBe(false)
  })
})
