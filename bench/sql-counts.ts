/** What SQL statements did since the last look. */
export interface SqlCounts {
  readonly statements: number;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Characters and bytes bound to statements that wrote. */
  readonly boundBytes: number;
}

/** Rows that each of so many actions has written, at a server that counts. */
export async function rowsPerAction(
  server: { readonly sqlCounts: () => Promise<SqlCounts> },
  actions: number,
  act: () => Promise<unknown>,
): Promise<number> {
  await server.sqlCounts();
  await act();
  return (await server.sqlCounts()).rowsWritten / actions;
}
