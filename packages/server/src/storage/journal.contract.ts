import type { OpenTestDatabase } from "./database.fixture.ts";
import { journalAnswersContract } from "./journal-answers.contract.ts";
import { journalDamageContract } from "./journal-damage.contract.ts";
import { journalResumeContract } from "./journal-resume.contract.ts";
import { journalWritesContract } from "./journal-writes.contract.ts";

/** What a journal promises, on every platform. */
export function journalContract(platform: string, open: OpenTestDatabase): void {
  journalWritesContract(platform, open);
  journalResumeContract(platform, open);
  journalAnswersContract(platform, open);
  journalDamageContract(platform, open);
}
