import type { TestProject } from 'vitest/node';
import { startMotoServer } from './harness/moto-server.ts';
import { bundleFunctions, packageStack, type StackPackage } from './harness/stack-package.ts';

/** Files of test/infrastructure/stages whose stacks are run. */
const STAGE_NAMES = ['minimal', 'everything'] as const;
export type StageName = (typeof STAGE_NAMES)[number];

declare module 'vitest' {
  interface ProvidedContext {
    /** Where moto_server answers. */
    readonly motoUrl: string;
    readonly packages: Readonly<Record<StageName, StackPackage>>;
  }
}

/** Runs once, before all files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cleanups: (() => unknown)[] = [];
  const teardown = async () => {
    for (const cleanup of cleanups) await cleanup();
  };
  try {
    const moto = await startMotoServer();
    cleanups.push(() => moto.stop());
    await bundleFunctions();
    const packages: Record<string, StackPackage> = {};
    for (const name of STAGE_NAMES) {
      const [stackPackage, remove] = await packageStack(`test/infrastructure/stages/${name}.yml`);
      packages[name] = stackPackage;
      cleanups.push(remove);
    }
    project.provide('motoUrl', moto.url);
    project.provide('packages', packages as Record<StageName, StackPackage>);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}
