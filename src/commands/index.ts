/**
 * The commands that change a network: `ip … add`, `bridge`, `sysctl -w`, `iptables`, `ipset` and what else a shell script of
 * a machine holds. A command is a pure function from network to network. May import: wire, model, linux.
 *
 * @packageDocumentation
 */

export { applyCommand } from './apply.ts'
export { noSuchTable } from './iptables-words.ts'
export { isLoaded, MODULES } from './modules.ts'
export { applyRecipe } from './recipe.ts'
