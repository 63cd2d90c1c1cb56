import { RUNBOOK } from './runbook.ts';

/** An alarm as the template has it, as far as it is told. */
export interface AlarmText {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly MetricName: string;
  readonly Statistic: string;
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
}

/** The stage that examples are about. */
const PREFIX = 'flowlogs-prod-';

/** Renders `docs/operate.md` from the template's alarms, the runbook and the commands' help; a test keeps the file fresh. */
export function operatePage(
  alarms: readonly AlarmText[],
  usages: Readonly<Record<CommandName, string>>,
): string {
  const names = Object.keys(COMMANDS) as CommandName[];
  return `# Operate

For who runs the pipeline: the commands, and what to do when an alarm goes off. Rendered by \`docs/operate-page.ts\` from the
alarms of the template, the steps in \`docs/runbook.ts\` and the help of the commands.

    npm run -s flowlogs -- status --stage prod

Every command finds the stack by its stage (\`--stage\`, or \`FLOWLOGS_STAGE\`) in the account and Region that \`--profile\` and
\`--region\` mean. Attach the policy \`OperatorPolicyArn\` of the outputs to who runs them; \`doctor\` looks at more, for which the
rights to deploy suffice. All of them tell what they did on standard output (\`-o json\` for programs) and the rest on
standard error, and end with 1 if something failed.

Nothing here can lose a record that is in the raw bucket, or count one twice: what is done has a receipt, and is skipped.

- [Commands](#commands)
${names.map((name) => `  - [${name}](#${name}): ${COMMANDS[name].title}`).join('\n')}
- [When an alarm goes off](#when-an-alarm-goes-off)
${alarms.map(({ AlarmName }) => `  - [${shortName(AlarmName)}](#${shortName(AlarmName)})`).join('\n')}

## Commands

${names.map((name) => commandSection(name, usages[name])).join('\n')}
## When an alarm goes off

Each alarm tells the topic of operations once, and stays on while its cause lasts. \`flowlogs status\` shows which are on. The
sections are named like the alarms of a stage, without \`flowlogs-<stage>-\`; here the stage is \`prod\`.

${alarms.map(alarmSection).join('\n')}`;
}

function commandSection(name: CommandName, usage: string): string {
  const { text, transcript } = COMMANDS[name];
  return `### ${name}

${text}

${indented(transcript)}

From its help:

${indented(usage.trim())}
`;
}

function alarmSection(alarm: AlarmText): string {
  const name = shortName(alarm.AlarmName);
  const entry = RUNBOOK[name];
  if (entry === undefined)
    throw new Error(`The runbook has nothing about the alarm ${name}: add it to docs/runbook.ts.`);
  const look = entry.look.map(([command, shows]) => `- \`${command}\`: ${shows}`);
  const steps = entry.do.map((step, index) => `${index + 1}. ${step}`);
  return `### ${name}

On when ${whenOn(alarm)}.

**What it means.** ${alarm.AlarmDescription}

**Look at**

${look.join('\n')}

**Do**

${steps.join('\n')}
`;
}

function whenOn({
  MetricName,
  Statistic,
  Period,
  EvaluationPeriods,
  DatapointsToAlarm,
  Threshold,
  ComparisonOperator,
}: AlarmText): string {
  const bound = ComparisonOperator === 'LessThanThreshold' ? 'below' : 'above';
  const statistic = Statistic === 'Sum' ? 'the sum' : 'the maximum';
  const minutes = `${Period / 60} minutes`;
  const often =
    DatapointsToAlarm < EvaluationPeriods
      ? `, in ${DatapointsToAlarm} of ${EvaluationPeriods} periods`
      : EvaluationPeriods > 1
        ? `, ${EvaluationPeriods} times on end`
        : '';
  return `${statistic} of \`${MetricName}\` in ${minutes} is ${bound} ${Threshold.toLocaleString('en-US')}${often}`;
}

function shortName(alarmName: string): string {
  return alarmName.slice(PREFIX.length);
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}

export type CommandName = 'status' | 'doctor' | 'dlq' | 'replay' | 'reprocess' | 'reconcile';

/** Of each command what is said before its help, and what it prints, shortened. */
const COMMANDS: Readonly<
  Record<CommandName, { readonly title: string; readonly text: string; readonly transcript: string }>
> = {
  status: {
    title: 'does the pipeline keep up, and what is stuck?',
    text: `Look here first. The age of the oldest message comes from CloudWatch and is some minutes old. Who delivers is told by
receipts, so an account is there from its first object on and for seven days after its last one.`,
    transcript: `$ flowlogs status --stage prod
flowlogs-prod  UPDATE_COMPLETE

Alarms
  flowlogs-prod-ingest-dead-letters  for 12 minutes; docs/operate.md says what to do

Ingest, the last hour
  148 objects with 1,204,311 records ingested, 2 failed, 0 lines quarantined
  lag 11 minutes, at most 16 minutes

Queues
  queue      waiting  in work  oldest  dead letters
  ingest           0        3  -                  2
  partition        1        0  -                  0
  finding          0        0  -                  0
  delivery         0        0  -                  0
  More about dead letters: flowlogs dlq list

Who delivers
  account       region     last object
  333333333333  us-east-1  3 hours ago    SILENT
  444455556666  eu-west-1  28 seconds ago
  111122223333  eu-west-1  28 seconds ago

Last receipts
  finished              records  quarantined  source
  2026-11-21T19:49:03Z        3            0  s3://flowlogs-prod-raw-111122223333-eu-west-1/AWSLogs/111122223333/vpcflowlogs/….log.gz`,
  },
  doctor: {
    title: 'is a deployed stack set up as it should be?',
    text: `Run it after a deployment, and when something that worked does not any more. It changes nothing. Checks are in the order in
which a record meets what they are about. What is in another account, such as a central bucket, may not be there to
look at: that is a warning, and its owner can run the check.`,
    transcript: `$ flowlogs doctor --stage prod
ok    stack: flowlogs-prod is UPDATE_COMPLETE.
ok    alarms: No alarm is on.
ok    flow logs: 3 flow logs without a problem.
fail  flow logs fl-0123456789abcdef0: AWS can't deliver the flow log of vpc-0123456789abcdef0: Access error.
      Access error: the policy of the raw bucket or of its key. Rate limited: wait. What was not delivered is lost.
ok    raw objects are announced: flowlogs-prod-raw-111122223333-eu-west-1 announces new objects to the ingest queue.
fail  AWS may deliver: The policy of flowlogs-prod-raw-111122223333-eu-west-1 does not let AWS's log delivery write below AWSLogs/.
      Somebody changed it, or an older release deployed it. Deploy again; if CloudFormation sees nothing to change, look at …
ok    queue ingest: the raw bucket may send to flowlogs-prod-ingest, and failures go to flowlogs-prod-ingest-dlq.
warn  topic of operations: Nobody is told of alarms: flowlogs-prod-operations has no confirmed subscription.
      Add addresses under alerts.emails and operations.emails of the stage file and deploy, or subscribe yourself.
…
14 ok, 1 to look at, 2 failed.`,
  },
  dlq: {
    title: 'what could not be processed: look at it, send it back',
    text: `What no retry can help goes to a dead-letter queue at once, with its reason and what to do. What failed five times for
something that might have passed, such as denied access, has no reason: the function's log has it. \`list\` and \`show\` leave
everything where it is; while they read, others don't see the messages, for a minute at most. \`redrive\` sends each
message to its queue before it deletes it here, so that one is never in none of the two; one that fails again is back
soon.`,
    transcript: `$ flowlogs dlq list --stage prod
queue   id                                    sent                  reason        announces
ingest  8cd99c27-dd7d-43c5-be76-82d6bbe98914  2026-11-21T19:48:42Z  corrupt-gzip  s3://flowlogs-prod-raw-…/111122223333_vpcflowlogs_…_0dd7f5a1.log.gz
ingest  4217bce3-17fd-4294-8c3c-efea3743b488  2026-11-21T19:48:46Z  -             s3://flowlogs-prod-raw-…/111122223333_vpcflowlogs_…_56710040.log.gz
1 message of ingest without a reason failed five times. The log /aws/lambda/flowlogs-prod-ingest says why: search for an id.

$ flowlogs dlq show 8cd99c27-dd7d-43c5-be76-82d6bbe98914 --stage prod
message     8cd99c27-dd7d-43c5-be76-82d6bbe98914 in flowlogs-prod-ingest-dlq
sent        2026-11-21T19:48:42Z
received    2 times; looking at it counts
reason      corrupt-gzip: The object is damaged or cut off.
error       The gzip data is damaged or cut off (unexpected end of file). Nothing of it was taken. Compare its size with the …
announces   s3://flowlogs-prod-raw-111122223333-eu-west-1/AWSLogs/111122223333/vpcflowlogs/….log.gz
look at     the log /aws/lambda/flowlogs-prod-ingest: search for "5d0664a3-5e39-422a-ab4b-12a2f312ce20"
then        flowlogs dlq redrive --stage prod --id 8cd99c27-dd7d-43c5-be76-82d6bbe98914
body        {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", …

$ flowlogs dlq redrive --stage prod --reason none
queue   id                                    reason  announces                                                      outcome
ingest  4217bce3-17fd-4294-8c3c-efea3743b488  -       s3://flowlogs-prod-raw-…/111122223333_…_56710040.log.gz        moved
1 message sent back. What fails again returns.`,
  },
  replay: {
    title: 'announce objects again whose notifications were lost',
    text: `For a bucket that was there before the stack, for an outage that is longer ago than reconcile looks back, or after a queue
was emptied. The stack is named by \`--stack\` here, because \`--stage\` says which part of the pipeline is told. The bucket is
listed twice: first to know how much it is. With \`--rate\` new objects don't wait behind old ones. Findings that are older than
six hours are counted again if they were not, and nobody is told of them.`,
    transcript: `$ flowlogs replay --stack prod --prefix AWSLogs/ --since 2d --dry-run
5 messages would be sent to flowlogs-prod-ingest, in about 1 second
of objects from 2026-11-21T19:15:00Z to 2026-11-21T19:48:41Z, 8.0 kB

$ flowlogs replay --stack prod --prefix AWSLogs/ --since 2d
5 messages sent to flowlogs-prod-ingest
of objects from 2026-11-21T19:15:00Z to 2026-11-21T19:48:41Z, 8.0 kB
Look how it goes: flowlogs status --stage prod`,
  },
  reprocess: {
    title: 'ingest an object again that was ingested wrongly',
    text: `No function may remove anything from the lake. This does, with your rights: the outputs that the object's receipt lists,
checked to be made of this object, then the receipt, and then it has the deployed function ingest the object. That
order is the one in which nothing is lost: as long as the receipt is there, nobody ingests the object and the list is
known, so that the same command goes on after a stop; without the receipt, the nightly reconcile finds the object if it is of
the last three days, else run the same command again. Not twice at the same time for one object: each would remove what the
other has made. Situations keep what was counted before. The
lake bucket keeps no versions: what is removed is gone, and comes back from the raw object only. So nothing is removed if that
is not there, is archived in Glacier (but for archive tiers of Intelligent-Tiering, which a listing does not show), or was
overwritten; nor in the ten minutes after it was ingested.`,
    transcript: `$ flowlogs reprocess --stage prod s3://flowlogs-prod-raw-…/111122223333_vpcflowlogs_…_56710040.log.gz
source                                 outcome   outputs before  records before  quarantined before  outputs  records  quarantined
s3://flowlogs-prod-raw-…040.log.gz     ingested               1               0                   3        2        3            0`,
  },
  reconcile: {
    title: 'find what got lost, and have it done',
    text: `What the function does every night, done now by you. It compares both ways: raw objects with receipts, and folders of the
lake with the partitions that Athena knows, with their location. A partition that lies elsewhere is told of and left
alone. With \`--days\` it reads what was in the bucket before the stack.`,
    transcript: `$ flowlogs reconcile --stage prod --days 2
missing    source                                                                          announced
partition  s3://flowlogs-prod-lake-…/flow_logs/aws_account_id=444455556666/…json.zst       again
object     s3://flowlogs-prod-raw-…/111122223333_vpcflowlogs_eu-west-1_…_56710040.log.gz   again
5 objects of 2 days compared with receipts: 1 missing, 1 announced again, 0 too young to tell, 0 not for ingest, 0 that nothing says are flow logs.
2 folders compared with the catalogue: 1 missing, 1 announced again, 0 registered elsewhere.`,
  },
};
