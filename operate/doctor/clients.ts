import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GlueClient } from '@aws-sdk/client-glue';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Clients } from './check.ts';

/** The clients of all services that are looked at. */
export function openClients(settings: object): Clients {
  return {
    athena: new AthenaClient(settings),
    cloudFormation: new CloudFormationClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    ec2: new EC2Client(settings),
    eventBridge: new EventBridgeClient(settings),
    glue: new GlueClient(settings),
    kmsIn: (region) => new KMSClient({ ...settings, ...(region === undefined ? {} : { region }) }),
    // The raw bucket may be in another Region.
    s3: new S3Client({ ...settings, followRegionRedirects: true }),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
  };
}
