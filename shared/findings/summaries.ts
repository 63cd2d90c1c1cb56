import { addDistinct, type Distinct, emptyDistinct } from './distinct.ts';
import type { Resource } from './resource.ts';

/** So many findings of a kind are about one resource each. Further resources of an object are told of together. */
export const MOST_DETAILED = 512;

/** A summary and what it is about. */
export interface Entry<S> {
  /** What all flows of the summary have in common, besides the resource: a path, a cause. */
  readonly group: string;
  /** Undefined if the log does not name resources, or if there are too many. */
  readonly resource: Resource | undefined;
  /** The resources that are told of together; undefined if the summary is about one or about none. */
  readonly resources: Distinct | undefined;
  readonly summary: S;
}

/** The summaries of one kind of finding, by group and resource, in bounded number. */
export interface Summaries<S> {
  /** The summary for a group and resource. There must be few groups: the bound is on resources. */
  of(group: string, resource: Resource | undefined): S;
  entries(): Iterable<Entry<S>>;
}

/** The summaries of one group. */
interface Group<S> {
  /** By the resource's number, or by its id if it has none. */
  readonly detailed: Map<number | string, Entry<S>>;
  together: Entry<S> | undefined;
  unnamed: Entry<S> | undefined;
}

/** Starts a set of summaries. */
export function createSummaries<S>(create: () => S): Summaries<S> {
  const groups = new Map<string, Group<S>>();
  let detailed = 0;

  function inGroup(name: string, group: Group<S>, resource: Resource | undefined): S {
    if (resource === undefined) {
      group.unnamed ??= { group: name, resource, resources: undefined, summary: create() };
      return group.unnamed.summary;
    }
    const key = resource.number < 0 ? resource.id : resource.number;
    const known = group.detailed.get(key);
    if (known !== undefined) return known.summary;
    if (detailed < MOST_DETAILED) {
      detailed++;
      const entry = { group: name, resource, resources: undefined, summary: create() };
      group.detailed.set(key, entry);
      return entry.summary;
    }
    group.together ??= { group: name, resource: undefined, resources: emptyDistinct(), summary: create() };
    addDistinct(group.together.resources!, resource.hash);
    return group.together.summary;
  }

  return {
    of(name, resource) {
      let group = groups.get(name);
      if (group === undefined) {
        group = { detailed: new Map(), together: undefined, unnamed: undefined };
        groups.set(name, group);
      }
      return inGroup(name, group, resource);
    },
    *entries() {
      for (const { detailed, together, unnamed } of groups.values()) {
        yield* detailed.values();
        if (together !== undefined) yield together;
        if (unnamed !== undefined) yield unnamed;
      }
    },
  };
}
