/**
 * How one instance is connected.
 *
 *   connecting ──▶ live ◀──▶ reconnecting      offline: as connecting or reconnecting, while the
 *       └────────────┴─────────────┴──▶ denied            browser has no network
 *                                       closed
 *
 * `denied` (who or where from) and `closed` (anything else) are final: `error` says why.
 */
export type Status = "connecting" | "live" | "reconnecting" | "offline" | "denied" | "closed";
