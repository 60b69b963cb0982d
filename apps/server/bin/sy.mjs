#!/usr/bin/env node
// The server is TypeScript that Node 26 runs as it is; an older Node would only report a syntax error.
if (Number(process.versions.node.split('.')[0]) < 26) {
  console.error(
    `sy needs Node.js 26, this is ${process.version}. In a clone, "npm start" brings its own.`,
  );
  process.exit(1);
}
await import('../src/main.ts');
