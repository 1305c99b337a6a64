/** On servers, and wherever code runs as it is: errors explain themselves. */
export const EXPLAIN: boolean = true;
