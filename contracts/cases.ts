import { awsCases } from './cases/aws.ts';
import { claudeCases } from './cases/claude.ts';
import { codexCases } from './cases/codex.ts';
import { copilotCases } from './cases/copilot.ts';
import { gcloudCases } from './cases/gcloud.ts';
import { geminiCases } from './cases/gemini.ts';
import { githubCases } from './cases/github.ts';
import type { ContractCase } from './contract-case.ts';

/** Every contract there is, in the order of the report. */
export const contractCases: readonly ContractCase[] = [
  ...codexCases,
  ...claudeCases,
  ...geminiCases,
  ...copilotCases,
  ...githubCases,
  ...gcloudCases,
  ...awsCases,
];
