import { journalContract } from "../storage/journal.contract.ts";
import { openDurableDatabase } from "./durable-database.fixture.ts";

journalContract("a Durable Object", openDurableDatabase);
