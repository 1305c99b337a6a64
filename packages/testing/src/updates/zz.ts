import { updateHistory } from "./update-history.ts";
for (const s of process.argv.slice(2).map(Number)) console.log(s, await updateHistory(s));
