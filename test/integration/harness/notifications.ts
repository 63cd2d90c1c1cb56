/** Notifications as AWS writes them, for what moto does not send, or sends without a version. */

export interface NotifiedObject {
  readonly bucket: string;
  /** As it is, not encoded. */
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  readonly versionId?: string | undefined;
}

const REGION = 'eu-west-1';
const TIME = '2026-11-20T05:12:34.567Z';

/** What S3 sends to a queue. Source: "Event message structure" (Amazon S3 User Guide). */
export function s3Notification({ bucket, key, etag, size, versionId }: NotifiedObject): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.6',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: TIME,
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:AROAEXAMPLE:delivery' },
        requestParameters: { sourceIPAddress: '10.0.0.1' },
        responseElements: {
          'x-amz-request-id': 'C3D13FE58DE4C810',
          'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S',
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'flowlogs',
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
            arn: `arn:aws:s3:::${bucket}`,
          },
          object: { key: formEncoded(key), size, eTag: etag, versionId, sequencer: '0055AED6DCD90281E5' },
        },
      },
    ],
  });
}

/** What EventBridge sends to a queue. Source: "EventBridge event message structure" (Amazon S3 User Guide). */
export function eventBridgeNotification({ bucket, key, etag, size, versionId }: NotifiedObject): string {
  return JSON.stringify({
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '123456789012',
    time: TIME,
    region: REGION,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size, etag, 'version-id': versionId, sequencer: '617f08299329d189' },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '123456789012',
      'source-ip-address': '10.0.0.1',
      reason: 'PutObject',
    },
  });
}

/** As S3 encodes keys: like a form field, but for slashes. */
function formEncoded(key: string): string {
  return new URLSearchParams({ key }).toString().slice('key='.length).replaceAll('%2F', '/');
}
