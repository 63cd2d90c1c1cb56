/**
 * Runs before each unit test file. Files share a process, because a new one for each takes a quarter of a second: so what
 * a file could leave to the next is put back here, its modules above all.
 */

import { vi } from 'vitest';

vi.resetModules();
vi.unstubAllEnvs();
vi.unstubAllGlobals();
vi.useRealTimers();
