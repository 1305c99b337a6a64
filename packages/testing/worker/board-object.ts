import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { createModuleObject } from "@holdfast/server/internal/cloudflare/module-object";
import { createBoard } from "@holdfast/testing/world/board";

/** So small that a few actions reach checkpoints, folded answers and the end of the resume window. */
const LIMITS = {
  ...DEFAULT_LIMITS,
  resumeVersions: 5,
  partBytes: 512,
  checkpointCommits: 4,
  checkpointCommitsPerPart: 1,
  answerRows: 3,
  reportedClients: 1,
};

/** The world's board as a Durable Object hosts it, behind no Worker. */
export class BoardObject extends createModuleObject({ board: createBoard(0) }, () => LIMITS, {
  usesSystems: false,
}) {}
