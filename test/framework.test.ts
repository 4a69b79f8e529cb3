import t from 'tap'
import { ask, testDatabase } from './harness.ts'

const partners = ['servatius', 'woonpunt', 'trajekt', 'envida', 'mondriaan', 'provincie-limburg']

t.test('the framework that everybody works within', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']

  t.test(
    'S29 all read one and the same version in force; what is still a draft only the alliance, and nobody but the team sends it on',
    async (t) => {
      interface Framework {
        neighbourhoods: { slug: string; executionPlans: { nodes: { inForce: object | null; latestVersion: { state: string } | null }[] } }[]
      }
      const read = async (key: string | undefined) =>
        (
          await ask<Framework>(
            db,
            key,
            '{ neighbourhoods { slug executionPlans { nodes { inForce { number state contentHash objectives { text } } latestVersion { state } } } } }',
          )
        ).data
      const shown = await read(team)
      for (const slug of partners) t.same(await read(keys[`partner_reader@${slug}`]), shown, slug)
      const plansOf = ({ neighbourhoods }: Framework, slug: string) =>
        neighbourhoods.find((place) => place.slug === slug)?.executionPlans.nodes
      t.match(plansOf(shown, 'pottenberg'), [{ inForce: { number: 1, state: 'ADOPTED', contentHash: /^[0-9a-f]{64}$/ } }])
      t.match(plansOf(shown, 'nazareth'), [{ inForce: null, latestVersion: { state: 'SUBMITTED' } }])
      const outside = await read(undefined)
      t.same(plansOf(outside, 'pottenberg'), plansOf(shown, 'pottenberg'), 'the public too')
      t.same(plansOf(outside, 'nazareth'), [])
    },
  )

  t.test('S41 the programme team keeps the register: its verbs are for who holds that role, and for no partner', async (t) => {
    const { data } = await ask<{ viewer: { roles: string[] } }>(db, team, '{ viewer { roles } }')
    t.same(data.viewer.roles, ['PROGRAMME_TEAM'])
    const add = (key: string | undefined) =>
      ask<{ themeAdd: { theme: object | null; userErrors: object[] } | null }>(
        db,
        key,
        'mutation { themeAdd(input: { code: "veiligheid", name: "Veiligheid" }) { theme { code } userErrors { code path } } }',
      )
    for (const slug of partners) {
      t.match((await add(keys[`partner_editor@${slug}`])).errors, [{ extensions: { code: 'FORBIDDEN' } }], slug)
    }
    t.match((await add(undefined)).errors, [{ extensions: { code: 'UNAUTHENTICATED' } }])
    t.same((await add(team)).data.themeAdd, { theme: { code: 'veiligheid' }, userErrors: [] })
  })

  t.test('S47 S50 a monitor holds indicators of several sources side by side, each with the direction that is better', async (t) => {
    interface Monitor {
      indicators: {
        nodes: {
          code: string
          ascending: boolean | null
          series: { region: { code: string }; observations: { source: { code: string } }[] }[]
        }[]
      }
    }
    const monitor = async (key: string | undefined) =>
      (
        await ask<Monitor>(
          db,
          key,
          '{ indicators(first: 50) { nodes { code ascending series(regions: ["BU09350203", "BU09350403"]) { region { code } observations { source { code } } } } } }',
        )
      ).data.indicators.nodes
    const nodes = await monitor(keys['bi_reader@servatius'])
    const sources = new Set(
      nodes.flatMap(({ series }) => series.flatMap(({ observations }) => observations.map(({ source }) => source.code))),
    )
    t.ok(sources.size >= 2, [...sources].join())
    t.ok(nodes.some(({ ascending }) => ascending === true) && nodes.some(({ ascending }) => ascending === false))
    const regions = new Set(nodes.flatMap(({ series }) => series.map(({ region }) => region.code)))
    t.same([...regions].sort(), ['BU09350203', 'BU09350403'], 'at the grain of the neighbourhood')
    const { data } = await ask<{ indicators: { nodes: { id: string }[] } }>(db, team, '{ indicators(first: 1) { nodes { id } } }')
    const name = (key: string | undefined) =>
      ask(db, key, 'mutation N($id: ID!) { indicatorNameSdg(id: $id, input: { sdg: 3 }) { userErrors { code } } }', {
        id: data.indicators.nodes[0]?.id,
      })
    t.match(
      (await name(keys['partner_editor@servatius'])).errors,
      [{ extensions: { code: 'FORBIDDEN' } }],
      'kept by research and statistics',
    )
  })
})
