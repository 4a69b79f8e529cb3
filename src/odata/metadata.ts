import type { EdmType, Feed, FeedProperty } from '../read/feed.ts'
import { functions } from './functions.ts'

export const namespace = 'samenspel'

const core = 'Org.OData.Core.V1'
const capabilities = 'Org.OData.Capabilities.V1'
const validation = 'Org.OData.Validation.V1'
const vocabularies = 'https://oasis-tcs.github.io/odata-vocabularies/vocabularies'

/** Without a scale a Decimal would be whole, and without a precision an instant would have whole seconds. */
const facets: Partial<Record<EdmType, string>> = {
  'Edm.Decimal': ' Scale="variable"',
  'Edm.DateTimeOffset': ' Precision="6"',
}

/** `$metadata`: CSDL 4.0 as XML. Flat types without navigation: that is the model Power Query, Excel and Tableau all load. */
export function metadataXml(feeds: readonly Feed[]): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
${reference(core)}
${reference(capabilities)}
${reference(validation)}
  <edmx:DataServices>
    <Schema Namespace="${namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">
${feeds.map(entityType).join('\n')}
      <EntityContainer Name="Container">
${feeds.map(entitySet).join('\n')}
${containerAnnotations}
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`
}

function reference(vocabulary: string): string {
  return `  <edmx:Reference Uri="${vocabularies}/${vocabulary}.xml">
    <edmx:Include Namespace="${vocabulary}"/>
  </edmx:Reference>`
}

function entityType(feed: Feed): string {
  return `      <EntityType Name="${feed.type}">
        <Key>
          <PropertyRef Name="${feed.key}"/>
        </Key>
${Object.entries(feed.properties).map(property).join('\n')}
        ${description(feed.description)}
      </EntityType>`
}

function property([name, { type, nullable, description: text, values }]: [string, FeedProperty]): string {
  return `        <Property Name="${name}" Type="${type}" Nullable="${nullable}"${facets[type] ?? ''}>
          ${description(text)}${values === undefined ? '' : allowed(values)}
        </Property>`
}

/** Codes are text, which every tool reads; an enumeration of its own type few do. */
function allowed(values: readonly string[]): string {
  return `
          <Annotation Term="${validation}.AllowedValues">
            <Collection>
${values.map((value) => `              <Record><PropertyValue Property="Value" String="${value}"/></Record>`).join('\n')}
            </Collection>
          </Annotation>`
}

function entitySet(feed: Feed): string {
  return `        <EntitySet Name="${feed.set}" EntityType="${namespace}.${feed.type}">
          ${description(feed.description)}
${['Insert:Insertable', 'Update:Updatable', 'Delete:Deletable', 'Search:Searchable', 'Expand:Expandable'].map(restriction).join('\n')}
        </EntitySet>`
}

function restriction(names: string): string {
  const [term, may] = names.split(':')
  return `          <Annotation Term="${capabilities}.${term}Restrictions">
            <Record>
              <PropertyValue Property="${may}" Bool="false"/>
            </Record>
          </Annotation>`
}

const containerAnnotations = `        <Annotation Term="${core}.ODataVersions" String="4.0"/>
        <Annotation Term="${capabilities}.ConformanceLevel" EnumMember="${capabilities}.ConformanceLevelType/Intermediate"/>
        <Annotation Term="${capabilities}.BatchSupported" Bool="false"/>
        <Annotation Term="${capabilities}.KeyAsSegmentSupported" Bool="false"/>
        <Annotation Term="${capabilities}.FilterFunctions">
          <Collection>
${[...functions.keys()].map((name) => `            <String>${name}</String>`).join('\n')}
          </Collection>
        </Annotation>`

function description(text: string): string {
  return `<Annotation Term="${core}.Description" String="${escapeXml(text)}"/>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** For an attribute. Line breaks would become blanks anyway; other controls are not XML at all. */
function escapeXml(text: string): string {
  return text.replace(/[\u0000-\u001f]+/g, ' ').replace(/[&<>"']/g, (character) => entities[character]!)
}
