/** Rows in columns, as plain text. */
export function table(
  heads: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
): string {
  const all = heads ? [heads, heads.map((head) => "-".repeat(head.length)), ...rows] : rows;
  const widths = (all[0] ?? []).map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
