import type { IPPoolResource } from '../calico-kinds.ts'
import { Findings } from '../findings.ts'
import type { Resources } from '../resources.ts'
import { calicoNodeEnvironment, type Environment } from '../settings/environment.ts'
import { defaultPools, podSubnets } from './default-pools.ts'
import { checkInstallation } from './installation-faults.ts'
import { operatorPools } from './operator-pools.ts'

/**
 * The objects with the pools that come of them: those the operator makes of an Installation, and those calico-node makes at
 * its first start. Pools that are there already stay as they are.
 *
 * @param isBegun - calico-node has started before: it makes none any more
 */
export function withInstalledPools(
  resources: Resources,
  env: Environment,
  isBegun: boolean,
  findings: Findings,
): Resources {
  const there = new Set(resources.ippools.flatMap(({ metadata, spec }) => [metadata.name, spec.cidr]))
  for (const installation of resources.installations) checkInstallation(installation, findings)
  const subnets = podSubnets(resources)
  const made = [
    ...resources.installations.flatMap((one) => operatorPools(one, resources.ippools, subnets, findings)),
    ...(isBegun ? [] : defaultPools(resources, env, findings)),
  ].filter(({ metadata, spec }) => !there.has(metadata.name) && !there.has(spec.cidr))
  return made.length === 0 ? resources : { ...resources, ippools: [...resources.ippools, ...made] }
}

/** All pools there are once Calico runs: those that are there, and those that come of the objects. */
export function installedPools(resources: Resources): readonly IPPoolResource[] {
  return withInstalledPools(resources, calicoNodeEnvironment(resources), false, new Findings()).ippools
}
