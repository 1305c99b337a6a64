/**
 * The name of the object that owns one instance. Injective: the parts are escaped, so their
 * separator occurs in neither, and no two (module, key) pairs ever meet. Names without the
 * separator are free for Holdfast's own objects.
 *
 * @param key well-formed Unicode (`resolveKey` refuses the rest); `""` for fixed keys
 */
export function instanceName(module: string, key: string): string {
  return `${encodeURIComponent(module)}/${encodeURIComponent(key)}`;
}

/** The inverse of `instanceName`; `undefined` for names that it did not make. */
export function parseInstanceName(name: string): { module: string; key: string } | undefined {
  const slash = name.indexOf("/");
  if (slash === -1) return undefined;
  return {
    module: decodeURIComponent(name.slice(0, slash)),
    key: decodeURIComponent(name.slice(slash + 1)),
  };
}
