// The order in which the pages are read. A page of docs/ that stands nowhere here comes last, under its own title.
import { readdirSync, readFileSync } from 'node:fs'

const page = (text, link) => ({ text, link: `/${link}` })

const GROUPS = [
  {
    text: 'Learn',
    items: [
      page('From YAML to why', 'guide'),
      page('Common jobs', 'recipes'),
      page('Gallery of scenes', 'gallery'),
      page('Course', 'course/'),
      page('Misconceptions', 'misconceptions'),
      page('For teachers', 'teaching'),
      page('What happens when', 'what-happens-when'),
    ],
  },
  {
    text: 'Operate',
    items: [
      page('How clusters break', 'failures'),
      page('Findings of lint', 'lint'),
      page('Networks under the nodes', 'underlay'),
      page('kubectl in the shell', 'kubectl'),
    ],
  },
  {
    text: 'In CI',
    items: [
      page('Use in CI', 'use-in-ci'),
      page('Review a policy', 'review-a-policy'),
      page('Expectations', 'expectations'),
    ],
  },
  {
    text: 'Calico, component by component',
    items: [
      page('calico-node starts', 'calico-node-start'),
      page('The CNI plugin', 'cni-plugin'),
      page('IPAM', 'ipam'),
      page('Felix', 'felix'),
      page('Policy', 'policy'),
      page('Services', 'services'),
      page('confd and BIRD', 'bgp'),
      page('The operator', 'operator'),
      page('The other components', 'other-components'),
    ],
  },
  {
    text: 'Reference',
    items: [
      page('API', 'api/'),
      page('Questions to Calico', 'calico'),
      page('Architecture', 'architecture'),
      page('Decisions', 'decisions'),
      page('Contributing', 'contributing'),
      page('Changes', 'changelog'),
    ],
  },
  {
    text: 'Limits and numbers',
    items: [
      page('What is not modelled', 'limits'),
      page('Beside a real kernel', 'conformance'),
      page('Performance', 'performance'),
    ],
  },
]

const exists = (names, { link }) => names.has(link.slice(1)) || names.has(`${link.slice(1)}index`)

const titleOf = (file) => /^# (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? file

/** Entry points, below their overview. */
function apiOf(names) {
  const doors = [...names].filter((name) => name.startsWith('api/') && name !== 'api/index').sort()
  const items = doors.map((name) => page(name.slice('api/'.length), name))
  const front = ({ text }) => Number(text === 'packetwalk')
  return [{ text: 'Entry points', link: '/api/', items: items.sort((a, b) => front(b) - front(a)) }]
}

/** The sidebars of the pages that a folder has. */
export function sidebarOf(folder) {
  const files = readdirSync(folder, { recursive: true }).map(String)
  const names = new Set(files.filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3)))
  const groups = GROUPS.map((group) => ({ ...group, items: group.items.filter((item) => exists(names, item)) }))
  const listed = new Set(groups.flatMap(({ items }) => items.map(({ link }) => link.slice(1))))
  const rest = [...names].filter((name) => !listed.has(name) && !name.includes('/') && name !== 'index').sort()
  const more = rest.map((name) => page(titleOf(`${folder}/${name}.md`), name))
  const all = more.length === 0 ? groups : [...groups, { text: 'More', items: more }]
  return { '/api/': apiOf(names), '/': all }
}
