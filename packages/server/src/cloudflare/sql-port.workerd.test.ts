import { sqlPortContract } from "../storage/sql-port.contract.ts";
import { openDurableDatabase } from "./durable-database.fixture.ts";

sqlPortContract("a Durable Object", openDurableDatabase);
