/** What SQL statements did since the last look. */
export interface SqlCounts {
  readonly statements: number;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Characters and bytes bound to statements that wrote. */
  readonly boundBytes: number;
}
