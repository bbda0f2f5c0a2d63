import type { Atom } from '../policy/address-atoms.ts'
import { isOwn, outsideOf, type ReachWorld, routersOf, wayOut } from '../world.ts'
import { classOf, type EndClass, FAMILIES } from './classes.ts'
import type { Member } from './members.ts'

const USUAL_MTU = 1500

/** The addresses nobody of the cluster has, in classes: by the ranges and sets that rules ask. */
export function outsideClasses(world: ReachWorld): EndClass[] {
  const { atoms, holders, pools, lab } = world
  const [routers, outside] = [routersOf(lab), outsideOf(lab)]
  const families = FAMILIES.filter((family) => [...holders.keys()].some((one) => one.includes(':') === (family === 6)))
  return families.flatMap((family) =>
    atoms
      .regions(family, pools, {
        isTaken: (address) => holders.has(address) || /\blocal\b/.test(wayOut(lab, routers, address)),
        isFar: (address) => outside === undefined || isOwn(lab, outside, address),
        sortOf: (address) => wayOut(lab, routers, address),
      })
      .map(({ atom, nets, except }) => {
        const members = nets.map(
          (net): Member => ({ name: net, addresses: { [family]: atom.address }, mtu: USUAL_MTU }),
        )
        return classOf(world, {
          kind: 'outside',
          members,
          except,
          atoms: { [family]: atom },
          path: `outside ${family} ${wayOut(lab, routers, atom.address)}`,
          isEdited: false,
        })
      }),
  )
}

/** Atoms of some classes. */
export function atomsOf(classes: readonly EndClass[]): Atom[] {
  return [...new Set(classes.flatMap(({ atoms }) => Object.values(atoms)))]
}
