import { expect, test } from 'vitest';
import { situationTableResources } from '../../infrastructure/situation-table.ts';
import { stackParameters } from './stack-parameters.ts';

const { SituationTable: table } = situationTableResources(stackParameters());

test('the table costs by the request, and can be set back to any second of the last weeks', () => {
  expect(table?.Properties).toMatchObject({
    TableName: 'flowlogs-test-situations',
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

test('it goes with the stack: a table that stays would keep its name from the next one', () => {
  expect(table).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
});

test('it is encrypted with a key that costs nothing: DynamoDB does so unless told', () => {
  expect(table?.Properties).not.toHaveProperty('SSESpecification');
});
