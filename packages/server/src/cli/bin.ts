#!/usr/bin/env node
import { main } from "./main.ts";
import { terminalSurroundings } from "./terminal.ts";

const { env } = process;
process.exitCode = await main(
  process.argv.slice(2),
  terminalSurroundings(process, { cwd: process.cwd(), env }),
);
