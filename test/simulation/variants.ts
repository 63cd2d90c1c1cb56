/** Ways to build flowlogs wrongly. The simulator proves itself by noticing each of them. */

import type { ObjectBody, ObjectStore } from '../../shared/lake/object-store.ts';
import type { Variant } from './world.ts';

interface BrokenVariant {
  readonly name: string;
  readonly variant: Variant;
  /** It has to be noticed within so many seeds. */
  readonly within: number;
}

export const BROKEN: readonly BrokenVariant[] = [
  {
    name: 'the receipt is written before what it tells of',
    variant: { lake: receiptsFirst },
    within: 100,
  },
  {
    name: 'names of outputs are random',
    variant: {
      lake: (lake, random) => ({
        ...lake,
        create: (key, body) =>
          lake.create(
            key.replace(/[0-9a-f]{12}(?=\.json\.)/, () => hex(random.next())),
            body,
          ),
      }),
    },
    within: 10,
  },
  {
    name: 'errors are swallowed',
    variant: { ingest: (ingest) => ingest().catch(() => {}) },
    within: 10,
  },
  {
    name: 'errors of writes are swallowed',
    variant: {
      lake: (lake) => ({ ...lake, create: (key, body) => lake.create(key, body).catch(() => 'exists') }),
    },
    within: 200,
  },
  {
    name: 'plus signs in keys are taken as they are',
    variant: { body: (body) => body.replaceAll('+', '%2B') },
    within: 10,
  },
  {
    name: 'failed messages are not reported',
    variant: { response: () => ({ batchItemFailures: [] }) },
    within: 50,
  },
  {
    name: 'another setting compresses what was begun before it',
    variant: { history: (history) => history.at(-1)!.compression },
    within: 200,
  },
  {
    name: 'partitions that were not added are forgotten',
    variant: {
      catalogue: (catalogue) => ({
        async add(partitions) {
          await catalogue.add(partitions);
          return new Map();
        },
      }),
    },
    within: 200,
  },
  {
    name: 'findings are counted as often as they come',
    variant: {
      alerting: ({ store, ...rest }) => {
        let counts = 0;
        return {
          ...rest,
          store: {
            ...store,
            count: (id, changed) => store.count(`${id} ${rest.now()} ${++counts}`, changed),
          },
        };
      },
    },
    within: 200,
  },
  {
    name: 'people count as told although the topic refused',
    variant: {
      alerting: (alerting) => ({
        ...alerting,
        publish: (notices) => alerting.publish(notices).catch(() => {}),
      }),
    },
    within: 400,
  },
];

/** Keeps what is written back until the receipt was written. */
function receiptsFirst(lake: ObjectStore): ObjectStore {
  const waiting: [string, ObjectBody][] = [];
  return {
    ...lake,
    async create(key, body) {
      if (!key.startsWith('receipts/')) {
        waiting.push([key, body]);
        return 'created';
      }
      const result = await lake.create(key, body);
      for (const [other, content] of waiting.splice(0)) await lake.create(other, content);
      return result;
    },
  };
}

function hex(number: number): string {
  return Math.floor(number * 16 ** 12)
    .toString(16)
    .padStart(12, '0');
}
