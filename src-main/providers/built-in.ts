import { anthropic } from './anthropic.ts';
import { antigravity } from './antigravity.ts';
import { auggie } from './auggie.ts';
import { aws } from './aws.ts';
import { awsKey } from './aws-key.ts';
import { azure } from './azure.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import type { ProviderDefinition } from './definition.ts';
import { gcloud } from './gcloud.ts';
import { gemini } from './gemini.ts';
import { geminiVertex } from './gemini-vertex.ts';
import { github } from './github.ts';
import { kimi } from './kimi.ts';
import { kubernetes } from './kubernetes.ts';
import { openai } from './openai.ts';
import { openclaw } from './openclaw.ts';
import { opencode } from './opencode.ts';
import { openrouter } from './openrouter.ts';
import { pi } from './pi.ts';
import { qwen } from './qwen.ts';

/**
 * Every provider that comes with the app, in the order in which people see them: agents, services, clouds, those that
 * are a key and nothing else, and the demo last.
 * @param demo made with the address at which its service listens now
 */
export function builtInProviders(demo: ProviderDefinition): ProviderDefinition[] {
  return [
    codex,
    claude,
    gemini,
    geminiVertex,
    copilot,
    opencode,
    qwen,
    kimi,
    pi,
    auggie,
    openclaw,
    antigravity,
    github,
    gcloud,
    aws,
    azure,
    kubernetes,
    openai,
    anthropic,
    openrouter,
    awsKey,
    demo,
  ];
}
