/** What every bundler for browsers puts a constant in place of. */
declare const process: { readonly env: { readonly NODE_ENV?: string } };

/**
 * In browsers explanations are for development: a production build leaves their texts out. Chosen by
 * the export condition `browser`, so that no place without a bundler ever looks for `process`.
 */
export const EXPLAIN: boolean = process.env.NODE_ENV !== "production";
