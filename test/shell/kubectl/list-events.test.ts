// kubectl events: what it lists, in which order, and about what.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'
import { Shell } from '../../../src/shell/index.ts'

const TEXT = readFileSync(new URL('../../lab/transcripts/clusters/three-nodes.yaml', import.meta.url), 'utf8')

const lab = Lab.load({ name: 'three-nodes.yaml', text: TEXT }, { delays: 'calico' })
const shell = new Shell(lab)
const run = (line: string) => shell.executeOn('w1', line)
const before = run('kubectl events')
run('kubectl create deployment shop --image=nginx --replicas=2')
run('sleep 5')

it('says that there are none', () => {
  expect(before).toMatchObject({ stdout: '', stderr: 'No events found in default namespace.\n', exitCode: 0 })
  expect(run('kubectl events -A --types=Warning').stderr).toBe('No events found.\n')
})

it('lists what was told, under the columns of the tool', () => {
  const [head, ...rows] = run('kubectl events').stdout.trimEnd().split('\n')
  expect(head).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$/)
  expect(rows.map((row) => row.split(/ {2,}/)[2])).toEqual(
    expect.arrayContaining(['ScalingReplicaSet', 'SuccessfulCreate', 'Scheduled', 'Started']),
  )
  expect(rows.length).toBe(7)
})

it.each([
  [
    '--for deploy/shop',
    /^\S+ +Normal +ScalingReplicaSet +Deployment\/shop +Scaled up replica set shop-\w+ from 0 to 2$/,
  ],
  ['--for deployment/shop -A', /^default +\S+ +Normal +ScalingReplicaSet +Deployment\/shop +Scaled up/],
])('%s: of one object', (words, expected) => {
  const rows = run(`kubectl events --no-headers ${words}`).stdout.trimEnd().split('\n')
  expect(rows).toEqual([expect.stringMatching(expected)])
})

it.each([
  ['--types=Odd', 'error: valid --types are Normal or Warning'],
  ['--for shop', 'error: --for must be in resource/name form'],
  ['--for nope/shop', 'error: the server doesn\'t have a resource type "nope"'],
  ['-o wide', 'error: unable to match a printer suitable for the output format "wide"'],
  ['shop', 'error: unknown argument "shop": --for TYPE/NAME says about what'],
])('%s is refused', (words, said) => {
  expect(run(`kubectl events ${words}`)).toMatchObject({ ok: false, stderr: `${said}\n` })
})
