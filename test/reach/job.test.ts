// The Job of the guide: its objects have the fields that Kubernetes knows, and its script gives shards that can be put together.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Reach } from '../../src/reach/index.ts'
import { demo, openCli } from '../cli/run.ts'
import { ROOT } from '../support/source-files.ts'

const cli = openCli()
afterAll(() => cli.close())

const name = v.pipe(v.string(), v.regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/))
const count = v.pipe(v.number(), v.integer(), v.minValue(1))
const quantity = v.pipe(v.string(), v.regex(/^\d+(\.\d+)?(m|[KMGT]i?)?$/))
const amounts = v.strictObject({ cpu: v.optional(quantity), memory: v.optional(quantity) })

/** What of v1 is used, and nothing else: a field that is misspelt is refused. */
const Claim = v.strictObject({
  apiVersion: v.literal('v1'),
  kind: v.literal('PersistentVolumeClaim'),
  metadata: v.strictObject({ name }),
  spec: v.strictObject({
    accessModes: v.array(v.picklist(['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'])),
    resources: v.strictObject({ requests: v.strictObject({ storage: quantity }) }),
  }),
})

const Container = v.strictObject({
  name,
  image: v.string(),
  command: v.array(v.string()),
  args: v.array(v.string()),
  resources: v.strictObject({ requests: amounts, limits: amounts }),
  volumeMounts: v.array(v.strictObject({ name, mountPath: v.string(), readOnly: v.optional(v.boolean()) })),
})

const Job = v.strictObject({
  apiVersion: v.literal('batch/v1'),
  kind: v.literal('Job'),
  metadata: v.strictObject({ name }),
  spec: v.strictObject({
    completionMode: v.literal('Indexed'),
    completions: count,
    parallelism: count,
    backoffLimit: count,
    template: v.strictObject({
      spec: v.strictObject({
        restartPolicy: v.picklist(['Never', 'OnFailure']),
        automountServiceAccountToken: v.boolean(),
        containers: v.array(Container),
        volumes: v.array(
          v.strictObject({
            name,
            configMap: v.optional(v.strictObject({ name })),
            persistentVolumeClaim: v.optional(v.strictObject({ claimName: name })),
          }),
        ),
      }),
    }),
  }),
})

const [claim, job] = parseAllDocuments(readFileSync(`${ROOT}docs/reach-job.yaml`, 'utf8')).map(
  (one) => one.toJS() as unknown,
)

describe('docs/reach-job.yaml', () => {
  it('has the fields that Kubernetes knows, and mounts what it has', () => {
    expect(v.safeParse(Claim, claim).issues).toBeUndefined()
    const parsed = v.parse(Job, job)
    const { containers, volumes } = parsed.spec.template.spec
    expect(containers[0]!.volumeMounts.map((one) => one.name)).toEqual(volumes.map((one) => one.name))
    expect(volumes[1]!.persistentVolumeClaim!.claimName).toBe(v.parse(Claim, claim).metadata.name)
    expect(containers[0]!.args[0]).toContain(`/${parsed.spec.completions}"`)
  })

  it('writes shards that merge puts together', () => {
    const { completions, template } = v.parse(Job, job).spec
    const [command, dash] = template.spec.containers[0]!.command
    const few = 2
    const script = template.spec.containers[0]!.args[0]!.replaceAll('/input/cluster.yaml', demo('ipip.yaml'))
      .replaceAll('/shards/', `${cli.folder}/shards/`)
      .replaceAll(`/${completions}"`, `/${few}"`)
    mkdirSync(join(cli.folder, 'shards'))
    cli.write('packetwalk', `#!/bin/sh\nexec "${process.execPath}" "${cli.program}" "$@"\n`)
    chmodSync(join(cli.folder, 'packetwalk'), 0o755)
    for (let index = 0; index < few; index++) {
      const env = { ...process.env, PATH: `${cli.folder}:${process.env['PATH']}`, JOB_COMPLETION_INDEX: String(index) }
      execFileSync(command!, [dash!, script], { env, stdio: 'ignore' })
    }
    const merged = JSON.parse(
      cli.run(['merge', 'shards/reach-1.json', 'shards/reach-2.json', '-o', 'json']).stdout,
    ) as Reach
    expect(merged.partial).toBeUndefined()
    expect(merged.cells).toHaveLength(8)
  })
})
