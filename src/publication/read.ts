import { eq, type SQL, sql } from 'drizzle-orm'
import { neighbourhoodEntity } from '../neighbourhood/read.ts'
import type { neighbourhood } from '../neighbourhood/table.ts'
import { planVersionEntity } from '../plan/read.ts'
import type { planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, localised, many, one } from '../read/model.ts'
import { publication, publicationText } from './table.ts'

type Publication = typeof publication
type Neighbourhood = typeof neighbourhood

const shown = sql.raw(`x.state in ('PUBLISHED', 'OUTDATED')`)

/** One part of the texts that the public reads, by language. Dutch is the source language; where it was taken back, another one stands in. */
const published = (t: Publication, part: SQL): SQL =>
  sql`(select jsonb_object_agg(x.language, ${part}) || jsonb_build_object('source', coalesce(max(x.language) filter (where x.language = 'nl'), min(x.language)))
    from publication_text x where x.publication_id = ${t.id} and ${shown} and ${part} is not null)`

export const publicationEntity: Entity = entity<Publication>({
  name: 'Publication',
  table: publication,
  fields: {
    id: leaf('id', (t) => t.id),
    neighbourhood: one<Publication, Neighbourhood>({ to: () => neighbourhoodEntity, on: (t, n) => eq(n.id, t.neighbourhoodId) }),
    planVersion: one<Publication, typeof planVersion>({ to: () => planVersionEntity, on: (t, v) => eq(v.id, t.planVersionId) }),
    summary: localised((t) => published(t, sql.raw('x.summary'))),
    foreword: localised((t) => published(t, sql.raw('x.foreword'))),
    forewordAuthor: localised((t) => published(t, sql.raw('x.foreword_author'))),
    outdated: leaf('boolean', (t) => sql`${t.versionState} in ('SUPERSEDED', 'EXPIRED')`),
    example: leaf('boolean', (t) => t.example),
    texts: many<Publication, typeof publicationText>({
      to: () => publicationTextEntity,
      as: 'list',
      on: (t, x) => eq(x.publicationId, t.id),
      order: [{ sql: (x) => x.language, type: 'text' }],
    }),
  },
})

export const publicationTextEntity: Entity = entity<typeof publicationText>({
  name: 'PublicationText',
  table: publicationText,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    language: leaf('text', (t) => t.language),
    state: leaf('text', (t) => t.state),
    summary: leaf('text', (t) => t.summary),
    foreword: leaf('text', (t) => t.foreword),
    forewordAuthor: leaf('text', (t) => t.forewordAuthor),
    publication: one<typeof publicationText, Publication>({ to: () => publicationEntity, on: (t, p) => eq(p.id, t.publicationId) }),
  },
})

neighbourhoodEntity.fields.publications = many<Neighbourhood, Publication>({
  to: () => publicationEntity,
  as: 'list',
  on: (t, p) => eq(p.neighbourhoodId, t.id),
  order: [{ sql: (p) => p.createdAt, type: 'timestamptz', descending: true }],
})

/** What is published of the newest version of the programme plan that anything is published of. */
neighbourhoodEntity.fields.publication = one<Neighbourhood, Publication>({
  to: () => publicationEntity,
  on: (t, p) =>
    sql`${p.id} = (select c.id from publication c join plan_version v on v.id = c.plan_version_id and v.plan_kind = 'PROGRAMME_PLAN'
      where c.neighbourhood_id = ${t.id} and exists (select from publication_text x where x.publication_id = c.id and ${shown})
      order by v.effective_from desc, v.number desc limit 1)`,
})

export const publicationEntities = [publicationEntity, publicationTextEntity]
