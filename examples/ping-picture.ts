// The picture at the top of the README: one ping between two nodes, drawn from its trace.
import { readFileSync } from 'node:fs'
import { Lab, renderSvg } from 'packetwalk'

const lab = Lab.load(readFileSync(new URL('demo/ipip.yaml', import.meta.url), 'utf8'))
const run = lab.ping('default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv')
process.stdout.write(renderSvg(run.trace))
