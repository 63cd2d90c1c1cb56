/**
 * Why each package is here, and which licences packages may have. Tests compare this with package.json and
 * package-lock.json both ways.
 */

/** Why each package that `package.json` names is there. */
export const DEPENDENCY_REASONS: Readonly<Record<string, string>> = {
  '@aws-lambda-powertools/logger': 'structured log lines of the functions',
  '@aws-lambda-powertools/metrics': 'metrics as log lines (EMF), without calls of CloudWatch',
  '@aws-sdk/client-athena': 'partitions are added and queries run with Athena',
  '@aws-sdk/client-cloudformation': "commands find a stack's resources in its outputs",
  '@aws-sdk/client-cloudwatch': '`status` shows lag and alarms',
  '@aws-sdk/client-dynamodb': 'situations and deliveries',
  '@aws-sdk/client-ec2': '`doctor` looks at flow logs and their delivery errors',
  '@aws-sdk/client-eventbridge': '`doctor` looks at the rule that announces raw objects',
  '@aws-sdk/client-glue': 'reconciliation lists the partitions of the catalogue',
  '@aws-sdk/client-kms': '`doctor` looks at keys and their policies',
  '@aws-sdk/client-s3': 'raw objects are read, the lake is written',
  '@aws-sdk/client-sns': 'alerts are published',
  '@aws-sdk/client-sqs': 'messages are given back, rejected and sent again',
  '@aws-sdk/lib-dynamodb': 'items of DynamoDB as plain objects',
  '@aws-sdk/lib-storage': 'large objects go to S3 in parts',
  '@duckdb/node-api': "Athena's place on a laptop",
  '@middy/core': 'what all functions do around their work',
  'cli-progress': 'progress bars',
  'cli-table3': 'tables that count the cells of wide characters',
  commander: 'the command line',
  'fastest-levenshtein': '"did you mean" for names of queries',
  'ipaddr.js': 'addresses and networks of IPv4 and IPv6',
  yaml: 'the alert policy on a laptop',
  zod: 'what comes from outside is checked: variables, messages, stage files',
  '@biomejs/biome': 'formatting and lint',
  '@smithy/core': 'answers of the SDK for tests',
  '@types/aws-lambda': 'types',
  '@types/cli-progress': 'types',
  '@types/node': 'types',
  assemblyscript: 'compiles the line loop to WebAssembly; the result is checked in and compared in a test',
  'aws-lambda-ric': "Lambda's own runtime client, under which integration tests run the bundles",
  'aws-sdk-client-mock': 'stands in for AWS in unit tests',
  'dt-sql-parser': "Trino's grammar: every query and view is checked against it",
  esbuild: 'bundles the functions',
  'fast-check': 'tests with made-up input',
  node: 'the Node.js that Lambda has, for everything that is run here',
  serverless: 'packages and deploys the stack (osls, the open-source fork of Serverless Framework 3)',
  typescript: 'the type checker',
  vitest: 'the test runner',
};

/** Licences that let us use, change and pass on a package with no more than its notice. */
export const RUNTIME_LICENCES: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
]);

/**
 * Licences that tools may have beside those, because nothing of a tool is in what is deployed: a licence of files
 * (MPL-2.0), and the licences of code that came from Python.
 */
export const TOOL_LICENCES: ReadonlySet<string> = new Set(['MPL-2.0', 'PSF-2.0', 'Python-2.0']);

/** Why a package with an install script may run it, or why not. npm obeys `allowScripts` in package.json. */
export const INSTALL_SCRIPTS: Readonly<Record<string, { readonly runs: boolean; readonly why: string }>> = {
  'aws-lambda-ric': {
    runs: false,
    why: 'it would compile a native client; integration tests have one in JavaScript',
  },
  'es5-ext': { runs: false, why: 'it prints a message' },
  esbuild: { runs: true, why: 'it puts the binary of its platform in place' },
  node: { runs: true, why: 'it puts the binary of its platform in place' },
};
