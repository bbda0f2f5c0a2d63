// A check cannot be passed by luck: guesses among what is plausible in the variant fail, and so do a neighbour's answers. A scene is
// opened once for each student, and once to ask what is plausible in it.
import { beforeAll, describe, expect, it } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import {
  type AnswerKind,
  type Blank,
  type Exercise,
  exercise,
  exercises,
  misconception,
  scene,
  scenes,
} from '../../src/teach/index.ts'

/** Who copies from whom: three of them in the scenes of the course, two in the misconceptions. */
const STUDENTS = ['Ada', 'Grace', 'Radia']
const isScene = (name: string): boolean => scenes.some((one) => one.name === name)

/** The cluster of an exercise. */
function labOf(name: string, seed: number): Lab {
  return isScene(name) ? scene(name, seed).lab : misconception(name, seed).scene.lab
}

/** What somebody who does not know might write: values of this very cluster. */
function plausible(lab: Lab): (blank: Blank) => readonly string[] {
  const namespaces = Object.values(lab.network.namespaces)
  const interfaces = namespaces.flatMap((one) => Object.values(one.interfaces))
  const addresses = interfaces.flatMap((one) => one.addresses.map(({ local }) => String(local)))
  const byKind: Readonly<Record<Exclude<AnswerKind, 'choice'>, readonly string[]>> = {
    address: addresses,
    prefix: [...addresses.flatMap((one) => [`${one}/${one.includes(':') ? 122 : 26}`]), '0.0.0.0/0'],
    endpoint: addresses.flatMap((one) => [`${one}:80`, `${one}:8080`]),
    mac: interfaces.map(({ mac }) => String(mac ?? 'ee:ee:ee:ee:ee:ee')),
    number: Array.from({ length: 200 }, (_, i) => String(i)),
    name: [...namespaces.map(({ name }) => name), ...interfaces.map(({ name }) => name)],
  }
  return ({ kind, choices = [] }) => (kind === 'choice' ? choices : byKind[kind])
}

/** How likely somebody passes who picks for each blank one of what is plausible: counted, not tried. */
function luck({ blanks, check }: Exercise, lab: Lab): number {
  const values = plausible(lab)
  return blanks.reduce((chance, blank) => {
    const all = values(blank)
    return (chance * all.filter((value) => check({ [blank.name]: value }).right === 1).length) / all.length
  }, 1)
}

describe.each(exercises.map((name) => [name]))('%s', (name) => {
  let variants: readonly Exercise[] = []
  beforeAll(() => {
    variants = STUDENTS.slice(0, isScene(name) ? 3 : 2).map((student) => exercise(name, student))
  })

  it('is passed by the answers of its own variant', () => {
    const [own] = variants as readonly [Exercise]
    for (const { blanks, solve } of variants) {
      expect(Object.keys(solve())).toEqual(blanks.map((blank) => blank.name))
      expect(Object.values(solve())).not.toContain('undefined')
    }
    expect(own.check(own.solve())).toMatchObject({ passed: true, right: own.blanks.length, remarks: [] })
  })

  it('is not passed by the answers of another student’s', () => {
    const pairs = variants.flatMap((mine) => variants.filter((one) => one !== mine).map((one) => [mine, one] as const))
    const copied = pairs.filter(([mine, other]) => mine.check(other.solve()).passed)
    expect(copied.length / pairs.length).toBeLessThanOrEqual(0.05)
  })

  it('is passed by guesses less than once in a hundred', () => {
    const [own] = variants as readonly [Exercise]
    expect(luck(own, labOf(name, own.seed))).toBeLessThan(0.01)
  })

  it('does not show its answers', () => {
    const [own] = variants as readonly [Exercise]
    const shown = own.blanks.filter(({ kind }) => kind === 'mac' || kind === 'prefix').map((blank) => blank.name)
    for (const blank of shown) expect(own.toMarkdown() + JSON.stringify(own)).not.toContain(own.solve()[blank])
  })
})
