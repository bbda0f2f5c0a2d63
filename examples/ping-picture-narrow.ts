// The same picture for a phone, in one column.
import { readFileSync } from 'node:fs'
import { Lab, renderSvg } from 'packetwalk'

const lab = Lab.load(readFileSync(new URL('demo/ipip.yaml', import.meta.url), 'utf8'))
const run = lab.ping('default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv')
process.stdout.write(renderSvg(run.trace, { width: 340 }))
