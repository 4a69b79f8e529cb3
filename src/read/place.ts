import type { FieldNode } from 'graphql'
import {
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isListType,
  isNonNullType,
} from 'graphql'
import type { Problem } from '../errors.ts'
import { type Answer, type PathStep, type Place, pathOf } from './assemble.ts'

/** A place in the answer, with the type the schema gives to what stands there. */
export interface TypedPlace extends Place {
  type: GraphQLOutputType
}

/** The place of a field of an object. */
export function placeOf(parent: GraphQLObjectType, name: string, nodes: readonly FieldNode[], path: readonly PathStep[]): TypedPlace {
  const { type } = parent.getFields()[name] as GraphQLField<unknown, unknown>
  return { coordinate: `${parent.name}.${name}`, path, nodes, nonNull: isNonNullType(type), type }
}

/** The type of the object at a place, whatever wraps it. */
export const objectAt = (place: TypedPlace): GraphQLObjectType => getNamedType(place.type) as GraphQLObjectType

/** Whether a list at a place forbids an item to be null. */
export function itemsNonNull({ type }: TypedPlace): boolean {
  const list = isNonNullType(type) ? type.ofType : type
  return isListType(list) && isNonNullType(list.ofType)
}

/** Tells what is wrong with a field's arguments, in place of its value. */
export function refused(place: Place, problem: Problem, answer: Answer): string | undefined {
  answer.errors.push(new GraphQLError(problem.message, { nodes: place.nodes, path: pathOf(place.path, answer), originalError: problem }))
  return place.nonNull ? undefined : 'null'
}
