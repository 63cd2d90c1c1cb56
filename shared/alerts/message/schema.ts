/**
 * The JSON of messages, for programs: its schema, and the types of it. Everything that people read in an e-mail is here as
 * data. A change that breaks readers gets another `version`; new properties do not.
 */

import * as z from 'zod/mini';
import { CONNECTION_PATHS, MEANINGS, SEVERITIES } from '../../findings/finding.ts';
import { REASONS } from '../decision.ts';
import { ALERT_KINDS } from '../situation.ts';

/** Adds what a property means; it gets into docs/alerts.schema.json. */
const as = <T extends z.ZodMiniType>(schema: T, description: string): T =>
  schema.check(z.describe(description));

const text = (description: string) => as(z.string(), description);
const maybeText = (description: string) => as(z.optional(z.string()), description);
const number = (description: string) => as(z.number(), description);
const maybeNumber = (description: string) => as(z.optional(z.number()), description);
const time = (description: string) => as(z.iso.datetime(), `${description} UTC, 2026-11-20T05:03:38Z`);
const maybeTime = (description: string) =>
  as(z.optional(z.iso.datetime()), `${description} UTC, 2026-11-20T05:03:38Z`);

const counters = z.strictObject({
  findings: number('Findings: source objects that had something of it'),
  flows: number('Records of the flow log'),
  packets: number('Packets of these records, at least; of lost packets those lost'),
});

const isInside = as(z.optional(z.boolean()), "Own or own premises' address; absent where nobody can tell");

const evidence = z.strictObject({
  firstTime: maybeTime('First packet of the object.'),
  lastTime: maybeTime('Last packet of the object.'),
  flows: number('Its records that are about this alert, at least'),
  skippedSeconds: maybeNumber('Length of the intervals of which AWS lost records'),
  sources: as(
    z.optional(
      z.array(
        z.strictObject({
          address: text('Address'),
          inside: isInside,
          flows: number('Records from it, at least'),
          serverPorts: text('Different server ports that it asked for, exact to 64, then 64+'),
          interfaces: maybeText('Interfaces of the object that refused it, exact to 64, then 64+'),
        }),
      ),
    ),
    'Senders of most of these records, the first few, as far as the object tells',
  ),
  destinations: as(
    z.optional(
      z.array(
        z.strictObject({
          address: text('Address'),
          inside: isInside,
          flows: number('Records to it, at least'),
        }),
      ),
    ),
    'Receivers of most of these records, the first few, as far as the object tells',
  ),
  ports: as(
    z.optional(
      z.array(
        z.strictObject({
          protocol: number('IANA number'),
          port: number("The service's port; 0 where there are none"),
          text: text('As people write it: tcp/5432 (postgresql)'),
          side: as(
            z.enum(['own', 'peer', 'unknown']),
            'Where the service is: at the resource or at the other end',
          ),
          flows: number('Records'),
          accepted: number('Records of the same service that the resource accepted'),
          clients: text('Different clients, exact to 64, then 64+'),
          server: maybeText('The server, if it is just one'),
        }),
      ),
    ),
    'Ports of services with most of these records, the first few, as far as the object tells',
  ),
  attachmentPairs: as(
    z.optional(
      z.array(
        z.strictObject({
          pairAttachmentId: maybeText('The attachment at the other side'),
          sourceVpcId: maybeText('VPC that the packets came from'),
          destinationVpcId: maybeText('VPC that they were for'),
          flows: number('Records, at least'),
          packets: maybeNumber('Packets lost'),
        }),
      ),
    ),
    'For lost packets: the other attachments and the VPCs, the first few',
  ),
  rejectReasons: as(
    z.optional(z.array(z.strictObject({ reason: text('BPA, EC'), flows: number('Records') }))),
    'Records by reject-reason',
  ),
  samples: as(z.optional(z.array(z.string())), 'Lines of the log as they stand in the source object'),
});

/** A rule of the policy's `ignore`, as in `parsePolicy`. */
const ignoreRule = z.strictObject({
  meanings: z.optional(z.array(z.enum([...MEANINGS, 'no-delivery', 'old-data']))),
  paths: z.optional(z.array(z.enum(CONNECTION_PATHS))),
  sources: z.optional(z.array(z.string())),
  destinations: z.optional(z.array(z.string())),
  ports: z.optional(z.array(z.number())),
  interfaces: z.optional(z.array(z.string())),
  accounts: z.optional(z.array(z.string())),
});

const alert = z.strictObject({
  id: text('The situation. All messages about it carry the same id'),
  kind: as(z.enum(ALERT_KINDS), 'What happened'),
  meaning: as(z.enum([...MEANINGS, 'no-delivery', 'old-data']), 'What it means'),
  words: text('The meaning in words'),
  severity: as(z.enum(SEVERITIES), 'How much it matters'),
  reason: as(z.enum(REASONS), 'Why people are told now'),
  path: as(z.optional(z.enum(CONNECTION_PATHS)), 'From where to where the connection goes'),
  accountId: text('Account that delivered the log, or unknown'),
  region: maybeText('Region that delivered the log, or unknown; absent if it is about all of them'),
  scope: as(
    z.strictObject({
      level: as(z.enum(['resource', 'vpc', 'account']), 'How far it reaches'),
      id: text('Id of the resource, VPC or account'),
    }),
    'Where it happens',
  ),
  vpcId: maybeText('VPC'),
  resourceId: maybeText('What recorded the flows, if it is one: interface, NAT gateway, attachment'),
  resourceType: maybeText('interface, nat-gateway, transit-gateway-attachment or transit-gateway'),
  exampleResourceId: maybeText('Of a scope with several resources: the one whose records are the evidence'),
  subnetId: maybeText('Subnet of that resource'),
  instanceId: maybeText('Instance of that resource'),
  interfaceType: maybeText('AWS service behind that resource'),
  transitGatewayId: maybeText('Transit gateway of that resource'),
  service: as(
    z.optional(
      z.strictObject({
        protocol: number('IANA number'),
        port: number('0 where there are none'),
        text: text('As people write it: tcp/5432 (postgresql)'),
        server: maybeText('Its address, where it is the same for the whole scope'),
      }),
    ),
    'The service that is asked for',
  ),
  firstTime: time('Since when.'),
  lastTime: time('Until when, so far.'),
  covers: as(
    z.optional(z.strictObject({ from: time('First packet.'), until: time('Last packet.') })),
    'For old data: when it happened. The times above are those of its arrival',
  ),
  counters: as(
    z.strictObject({
      episode: as(counters, 'Since firstTime'),
      sinceLastMessage: as(counters, 'Of these, since the last message about it'),
      total: as(counters, 'Ever, with what was before firstTime'),
    }),
    'How much',
  ),
  everSince: time('First packet of all that was ever counted.'),
  lastMessage: maybeTime('When people were told of it before.'),
  lossOfDay: as(
    z.optional(z.strictObject({ day: text('UTC day'), seconds: number('Seconds lost') })),
    'For lost log data: how much of the day',
  ),
  what: text('What happened, in a sentence'),
  why: text('Why people are told now; in an alert also why it has its severity'),
  mayMean: maybeText('What it may mean. In a digest: see meanings'),
  next: as(z.optional(z.array(z.string())), 'What to do, in this order. In a digest: see meanings'),
  evidence: as(
    z.optional(evidence),
    'What the source object with most of it says about it. Absent if no object told it',
  ),
  commands: as(z.array(z.string()), 'Commands that show more, the best first'),
  sql: maybeText('SQL for Athena that shows more. Absent in a digest'),
  ignoreRule: as(z.optional(ignoreRule), "A rule for the policy's `ignore` that ends messages about it"),
  source: maybeText('URL of the source object of the evidence'),
});

export const alertMessageSchema = z.strictObject({
  version: as(z.literal(1), 'Version of this schema'),
  kind: as(z.enum(['alert', 'digest']), 'About one situation, or about several'),
  subject: text('The same in one line'),
  severity: as(z.enum(SEVERITIES), 'The highest of its alerts'),
  time: time('When the message was made.'),
  alerts: as(z.array(alert), 'The most severe first'),
  leftOut: number('Alerts that did not fit into the message'),
  meanings: as(
    z.optional(
      z.array(
        z.strictObject({
          meaning: as(z.enum([...MEANINGS, 'no-delivery', 'old-data']), 'Of an alert'),
          words: text('The meaning in words'),
          mayMean: text('What it may mean'),
          next: as(z.array(z.string()), 'What to do, in this order'),
        }),
      ),
    ),
    'In digests: what its alerts mean, each meaning once',
  ),
  commands: as(
    z.optional(z.array(z.string())),
    'Commands that show all of it. In digests; an alert has its own',
  ),
  sql: maybeText('SQL for Athena that shows all of it. In digests; an alert has its own'),
});

/** A message as programs get it. */
export type MessageData = z.infer<typeof alertMessageSchema>;
/** What a message says of one situation. */
export type AlertData = z.infer<typeof alert>;
export type EvidenceData = z.infer<typeof evidence>;

/** The schema as JSON Schema, for docs/alerts.schema.json. It lets readers pass over properties that are added later. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(alertMessageSchema, {
    override({ jsonSchema: part }) {
      delete part.additionalProperties;
      if (part.format === 'date-time') delete part.pattern;
    },
  });
  return { title: 'Alert message, version 1', ...schema };
}
