import { describe, expect, test } from 'vitest';
import { ignoreReason, parseSourceKey } from '../../../shared/lake/source-key.ts';

const FILE = '123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log.gz';
const FACTS = {
  accountId: '123456789012',
  region: 'us-east-1',
  flowLogId: 'fl-1234abcd',
  stamp: Date.UTC(2018, 5, 20, 16, 20) / 1000,
};

describe('facts of a key', () => {
  test.each([
    ['plain', `AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/${FILE}`],
    ['hourly', `AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/16/${FILE}`],
    ['with a prefix', `network/logs/AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/${FILE}`],
    ['with an organization', `AWSLogs/o-abc123/123456789012/vpcflowlogs/us-east-1/2018/06/20/${FILE}`],
    [
      'Hive',
      `AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2018/month=06/day=20/${FILE}`,
    ],
    [
      'Hive, hourly, as transit gateways once had it',
      `p/AWSLogs/aws-account-id=123456789012/service=vpcflowlogs/aws-region=us-east-1/year=2018/month=06/day=20/hour=16/${FILE}`,
    ],
    ['the file name alone', FILE],
    ['the file right below the account', `AWSLogs/123456789012/${FILE}`],
  ])('%s', (_, key) => {
    expect(parseSourceKey(key)).toEqual(FACTS);
    expect(ignoreReason(key, 1)).toBeUndefined();
  });

  test('the folders win over the file name, and both may be missing', () => {
    expect(parseSourceKey(`AWSLogs/999999999999/vpcflowlogs/eu-west-3/2018/06/20/${FILE}`)).toMatchObject({
      accountId: '999999999999',
      region: 'eu-west-3',
    });
    expect(parseSourceKey('exports/today.log')).toEqual({
      accountId: undefined,
      region: undefined,
      flowLogId: undefined,
      stamp: undefined,
    });
  });

  test.each([
    'us-gov-west-1',
    'cn-north-1',
    'us-iso-east-1',
    'eusc-de-east-1',
    'ap-southeast-5',
    'il-central-1',
  ])('the Region %s is one', (region) => {
    expect(parseSourceKey(`AWSLogs/123456789012/vpcflowlogs/${region}/2018/06/20/x.log.gz`).region).toBe(
      region,
    );
  });

  test.each([
    ["us-east-1' OR '1'='1", 'a quote'],
    ['..', 'a way out'],
    ['US-EAST-1', 'capital letters'],
    ['us-east', 'no number'],
  ])('%j is no Region: %s', (region) => {
    expect(
      parseSourceKey(`AWSLogs/123456789012/vpcflowlogs/${region}/2018/06/20/x.log.gz`).region,
    ).toBeUndefined();
  });

  test.each(['20181340T1620Z', '20180230T1620Z', '20180620T2460Z', '20180620T1660Z'])(
    '%s is no time',
    (stamp) => {
      expect(parseSourceKey(FILE.replace('20180620T1620Z', stamp)).stamp).toBeUndefined();
    },
  );
});

describe('objects that are not for us', () => {
  test.each([
    ['AWSLogs/123456789012/', 0, 'folder-marker'],
    ['AWSLogs/123456789012/vpcflowlogs_$folder$', 0, 'folder-marker'],
    [FILE, 0, 'empty'],
    ['AWSLogs/123456789012/CloudTrail/us-east-1/2018/06/20/x.json.gz', 9, 'other-service'],
    ['AWSLogs/o-abc/123456789012/Config/us-east-1/2018/6/20/x.json.gz', 9, 'other-service'],
    ['AWSLogs/123456789012/elasticloadbalancing/us-east-1/2018/06/20/x.log.gz', 9, 'other-service'],
    ['AWSLogs/123456789012/ELBAccessLogTestFile', 9, 'other-service'],
    ['AWSLogs/123456789012/Config/ConfigWritabilityCheckFile', 9, 'other-service'],
    [FILE.replace('.log.gz', '.log.parquet'), 9, 'parquet'],
  ])('%s of %i bytes: %s', (key, size, reason) => {
    expect(ignoreReason(key, size)).toBe(reason);
  });
});
