import { awsCases } from './cases/aws.ts';
import { azureCases } from './cases/azure.ts';
import { claudeCases } from './cases/claude.ts';
import { codexCases } from './cases/codex.ts';
import { copilotCases } from './cases/copilot.ts';
import { gcloudCases, geminiVertexCases } from './cases/gcloud.ts';
import { geminiCases } from './cases/gemini.ts';
import { githubCases } from './cases/github.ts';
import { kimiCases } from './cases/kimi.ts';
import { openclawCases } from './cases/openclaw.ts';
import { opencodeCases } from './cases/opencode.ts';
import { piCases } from './cases/pi.ts';
import { qwenCases } from './cases/qwen.ts';
import type { ContractCase } from './contract-case.ts';

/** Every contract there is. A way to sign in that is in neither this nor `not-covered.ts` fails `contract-table.test.ts`. */
export const contractCases: readonly ContractCase[] = [
  ...codexCases,
  ...claudeCases,
  ...geminiCases,
  ...geminiVertexCases,
  ...copilotCases,
  ...opencodeCases,
  ...qwenCases,
  ...kimiCases,
  ...piCases,
  ...openclawCases,
  ...githubCases,
  ...gcloudCases,
  ...awsCases,
  ...azureCases,
];
