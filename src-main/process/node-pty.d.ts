/** The prebuilt package that stands in for node-pty declares its types under its own name. */
declare module 'node-pty' {
  export * from '@lydell/node-pty';
}
