import { journalContract } from "../storage/journal.contract.ts";
import { sqlPortContract } from "../storage/sql-port.contract.ts";
import { openGatedDatabase } from "./gated-database.fixture.ts";

sqlPortContract("a gated database", openGatedDatabase);
journalContract("a gated database", openGatedDatabase);
