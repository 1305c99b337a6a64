import { journalContract } from "../storage/journal.contract.ts";
import { openNodeDatabase } from "./node-database.fixture.ts";

journalContract("node:sqlite", openNodeDatabase);
