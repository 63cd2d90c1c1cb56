import fc from 'fast-check';
import { expect, test } from 'vitest';
import { notificationOf, parseNotification } from '../../../shared/aws/object-created.ts';
import { PermanentError } from '../../../shared/errors.ts';

// Every envelope is tested where it arrives, in test/functions/ingest.test.ts.

test('a notification that is written for a lost one is read back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (key, size) => {
      const object = { bucket: 'raw', key, etag: 'abc', size, versionId: undefined };
      expect(parseNotification(notificationOf(object))).toEqual({ objects: [object], ignored: [] });
    }),
  );
});

test('whatever a body holds, it is a notification or a permanent error', () => {
  const parse = (body: string) => {
    try {
      expect(parseNotification(body).objects).toBeInstanceOf(Array);
    } catch (error) {
      expect(error).toBeInstanceOf(PermanentError);
      expect((error as PermanentError).reason).toBe('not-a-notification');
    }
  };
  fc.assert(fc.property(fc.string(), parse));
  fc.assert(fc.property(fc.jsonValue(), (value) => parse(JSON.stringify(value))));
  const s3Like = fc.record({
    Records: fc.array(
      fc.record({
        eventSource: fc.constantFrom('aws:s3', 'aws:sqs'),
        eventName: fc.constantFrom('ObjectCreated:Put', 'ObjectRemoved:Delete'),
        s3: fc.record(
          { bucket: fc.record({ name: fc.jsonValue() }), object: fc.record({ key: fc.jsonValue() }) },
          { requiredKeys: [] },
        ),
      }),
    ),
  });
  fc.assert(fc.property(s3Like, (value) => parse(JSON.stringify(value))));
});

test('a notification wrapped in a wrapped one is refused', () => {
  const wrap = (message: string) => JSON.stringify({ Type: 'Notification', Message: message });
  const inner = notificationOf({ bucket: 'b', key: 'k', etag: 'e', size: 1, versionId: undefined });
  expect(parseNotification(wrap(inner)).objects).toHaveLength(1);
  expect(() => parseNotification(wrap(wrap(inner)))).toThrow(PermanentError);
});

test('a key that is not URL-encoded is refused', () => {
  const body = notificationOf({ bucket: 'b', key: 'k', etag: 'e', size: 1, versionId: undefined });
  expect(() => parseNotification(body.replace('"k"', '"100%"'))).toThrow(/not URL-encoded/);
});
