declare module '*.css';
declare module '*.md?raw' {
  const text: string;

  // biome-ignore lint/style/noDefaultExport: it is how Vite hands a text over
  export { text as default };
}
