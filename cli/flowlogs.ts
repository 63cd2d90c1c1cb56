#!/usr/bin/env node
/** Starts the `flowlogs` command (program.ts). Compiled modules are kept, so that the next start takes half the time. */

import { enableCompileCache } from 'node:module';

// Only what is imported afterwards is kept.
enableCompileCache();
await import('./program.ts');
