import { WAITING_INDEX } from '../shared/aws/situation-table.ts';
import { situationTableName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import type { Resources } from './template.ts';

/**
 * What people were told of and what accounts delivered. It goes with the stack: without it the next finding of each
 * situation is news again, which costs some repeated messages and loses none. What was told is in the lake.
 *
 * Encrypted with a key that DynamoDB owns, as everything there is: the others cost by the request.
 *
 * Sources: "AWS::DynamoDB::Table" (CloudFormation Template Reference), "Encryption at rest" (Amazon DynamoDB Developer
 * Guide).
 */
export function situationTableResources(parameters: StackParameters): Resources {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
  const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
  return {
    SituationTable: {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: {
        TableName: situationTableName(parameters),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [attribute('id'), attribute('waiting')],
        KeySchema: [key('id', 'HASH')],
        GlobalSecondaryIndexes: [
          {
            IndexName: WAITING_INDEX,
            KeySchema: [key('waiting', 'HASH'), key('id', 'RANGE')],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    },
  };
}
