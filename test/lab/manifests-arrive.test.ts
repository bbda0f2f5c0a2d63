// What an installer is told brings a network to machines that have none.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const ROOT = new URL('../', import.meta.url).pathname
const BEFORE = readFileSync(`${ROOT}lab/transcripts/clusters/article-before-calico.yaml`, 'utf8')
const MANIFESTS = readdirSync(`${ROOT}fixtures/manifests`)

describe('nodes that wait for a CNI plugin', () => {
  const ready = (lab: Lab): string[] =>
    (lab.objects?.nodes ?? []).map(
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? '',
    )

  it('wait', () => {
    expect(ready(Lab.load(BEFORE))).toEqual(['False', 'False'])
  })

  it.each(MANIFESTS)('are ready with %s', (name) => {
    const lab = Lab.load(BEFORE)
    lab.apply(readFileSync(`${ROOT}fixtures/manifests/${name}`, 'utf8'))
    expect(ready(lab)).toEqual(['True', 'True'])
  })
})
