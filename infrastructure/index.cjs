// The door from serverless.yml, which loads CommonJS only, to the TypeScript modules here.
module.exports = async (variables) => {
  try {
    if (!process.features.typescript) {
      throw new Error(
        `This is Node ${process.version}, which runs no TypeScript: use npm run package or deploy.`,
      );
    }
    const { default: stack } = await import('./resources.ts');
    return await stack(variables);
  } catch (error) {
    // What is printed is `stack`: make it a sentence for people. Errors with a code are not ours.
    if (error.code === undefined) error.stack = error.message;
    throw error;
  }
};
