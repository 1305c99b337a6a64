import { sqlPortContract } from "../storage/sql-port.contract.ts";
import { openNodeDatabase } from "./node-database.fixture.ts";

sqlPortContract("node:sqlite", openNodeDatabase);
