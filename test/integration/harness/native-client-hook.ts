/** Preloaded before the runtime client: gives it `native-client.ts` for its native part. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== './rapid-client.node') return nextResolve(specifier, context);
    const url = new URL('native-client.ts', import.meta.url).href;
    return { url, format: 'module-typescript', shortCircuit: true };
  },
});
