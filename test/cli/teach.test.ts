// packetwalk teach: what a teacher types.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { exercise, lesson, misconceptions, scene, scenes } from '../../src/teach/index.ts'
import { openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const teach = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['teach', ...args])

describe('packetwalk teach', () => {
  it('lists scenes and misconceptions', () => {
    const { stdout, status } = teach('list')
    expect(status).toBe(0)
    for (const { name } of [...scenes, ...misconceptions]) expect(stdout).toContain(`\n  ${name} `)
  })

  it('shows a misconception: the claim, the cluster, the walk, what is so', () => {
    const { stdout } = teach('show', 'clusterip-ping', '--student', 'Ada')
    const parts = [
      '> A Service that works answers a ping to its ClusterIP.',
      'kind: Service',
      '✗ ends here',
      'What is so:',
      'Seen: ',
    ]
    for (const part of parts) expect(stdout).toContain(part)
  })

  it('shows what somebody did to a machine', () => {
    expect(teach('show', 'troubleshooting').stdout).toMatch(/^Then:\n {2}node\d\d\$ /m)
  })

  it('writes files that trace reads', () => {
    const { stdout } = teach('files', 'the-gap', '--out', 'gap')
    expect(stdout).toContain('try: packetwalk trace -f gap/cluster.yaml --from default/')
    expect(existsSync(join(cli.folder, 'gap/timeline.yaml'))).toBe(true)
    expect(readFileSync(join(cli.folder, 'gap/cluster.yaml'), 'utf8')).toBe(scene('the-gap').files[0]?.text)
  })

  it('prints sheets without answers, and answers for teachers', () => {
    const { via = '' } = exercise('no-encapsulation', 'Ada').solve()
    const { prefix = '' } = exercise('no-encapsulation', 'Ada').solve()
    const sheet = teach('sheet', 'no-encapsulation', '--student', 'Ada').stdout
    expect(sheet).toContain('| `via` | its next hop |')
    expect(sheet).not.toContain(prefix)
    const answers = teach('answers', 'no-encapsulation', '--student', 'Ada', '--student', 'Grace').stdout
    expect(answers).toContain(`via: ${via}`)
    expect(answers).toContain('# Grace')
  })

  it('writes a folder for each student of a list: sheet, pictures with blanks, the file to hand in', () => {
    cli.write('class.txt', '# Monday\nAda Lovelace\n\nGrace\n')
    const names = ['same-node', 'vxlan/encap', 'ping-denied']
    expect(teach('sheet', ...names, '--students', 'class.txt', '--out', 'sheets').status).toBe(0)
    const read = (file: string): string => readFileSync(join(cli.folder, 'sheets', file), 'utf8')
    const sheet = read('ada-lovelace/sheet.md')
    expect(sheet).toContain('![vxlan/encap, with blanks](vxlan-encap.svg)')
    const { source = '' } = exercise('vxlan/encap', 'Ada Lovelace').solve()
    expect(read('ada-lovelace/vxlan-encap.svg')).toContain('____(source)')
    expect(read('ada-lovelace/vxlan-encap.svg')).not.toContain(source)
    expect(read('grace/sheet.md')).not.toBe(sheet)
    expect(teach('check', 'sheets/grace/answers.json').stdout).toContain(`| Grace | 0 | 3 | ${names.join(', ')} |`)
    const handedIn = JSON.parse(read('grace/answers.json')) as { answers: { exercise: string; answers: object }[] }
    for (const one of handedIn.answers) one.answers = exercise(one.exercise, 'Grace').solve()
    cli.write('filled.json', JSON.stringify(handedIn))
    expect(teach('check', 'filled.json')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('| Grace | 3 | 3 |'),
    })
    const answers = teach('answers', ...names, '--students', 'class.txt').stdout
    expect(answers).toContain('# Ada Lovelace')
    expect(answers).toMatch(/\| ping-denied \| connection: answered; .* \| connection: denied \|/)
  })

  it('gives hints in levels, for the student’s variant, and none beyond the last', () => {
    const task = exercise('vxlan/encap', 'Ada Lovelace')
    for (const level of [1, 2, 3]) {
      const { stdout, status } = teach('hint', 'vxlan/encap', '--student', 'Ada Lovelace', '--level', String(level))
      expect(status).toBe(0)
      expect(stdout.split('\n(hint')[0]).toBe(task.hint(level))
      const next = `; the next: packetwalk teach hint vxlan/encap --student 'Ada Lovelace' --level ${level + 1})`
      expect(stdout.endsWith(level < task.hints ? `${next}\n` : `(hint 3 of ${task.hints})\n`)).toBe(true)
      for (const answer of Object.values(task.solve())) if (level < 3) expect(stdout).not.toContain(answer)
    }
    expect(teach('hint', 'same-node').stdout).toContain(`${exercise('same-node', 1).hint(1)}\n(hint 1 of 3; `)
  })

  it('judges what is handed in', () => {
    const done = lesson('Ways', { student: 'Ada' })
    const own = done.exercise('same-node')
    done.check(own, own.solve())
    cli.write('ada.json', JSON.stringify(done.sheet()))
    cli.write('grace.json', JSON.stringify({ ...done.sheet(), student: 'Grace' }))
    expect(teach('check', 'ada.json')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('| Ada | 1 | 1 |  |'),
    })
    const both = teach('check', 'ada.json', 'grace.json')
    expect(both.status).toBe(1)
    expect(both.stdout).toContain('| Grace | 0 | 1 | same-node |')
  })

  it.each([
    [['show', 'clusterip-pin'], 'clusterip-ping'],
    [['answers', 'nope', '--student', 'Ada'], 'an exercise'],
    [['check', 'broken.json'], 'broken.json'],
    [['sheet', 'ipip', '--students', 'twice.txt', '--out', 'x'], '"ada" twice'],
    [['answers', 'ipip'], '--students <file>'],
    [['hint', 'ipip', '--level', '4'], 'a level from 1 to 3'],
    [['hint', 'ipp'], 'ipip'],
  ])('%j: says what is wrong, status 2', (args, message) => {
    cli.write('broken.json', '{')
    cli.write('twice.txt', 'Ada\nada\n')
    const { status, stderr } = teach(...args)
    expect(stderr).toContain(message)
    expect(status).toBe(2)
  })
})
