import type { FlowView, ProviderView, providerCalls } from '../../../src-preload/contract/providers.ts';
import { fits, fittingFirst, type KnownProgram } from '../../programs/fitting-flows.ts';
import type { ProgramStates } from '../../programs/program-states.ts';
import type { FlowDefinition, ProviderDefinition } from '../../providers/definition.ts';
import { placeOn, proofInWords } from '../../providers/describe-provider.ts';
import { neededPort } from '../../providers/needed-port.ts';
import { askedParameters } from '../../providers/parameters.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { HandlersOf } from '../ipc.ts';

export interface ProviderHandlerParts {
  providers: ProviderRegistry;
  /** What is known of programs, without looking for them now. */
  programs: ProgramStates;
  platform: NodeJS.Platform;
  /** Reads the user-defined providers and looks for programs again; asks all of them for their version, if so wished. */
  refreshProviders: (askVersions: boolean) => Promise<void>;
}

/** The providers that can be connected and the programs they need. */
export function providerHandlers(parts: ProviderHandlerParts): HandlersOf<typeof providerCalls> {
  const { providers, programs } = parts;
  const flowView = (
    definition: ProviderDefinition,
    flow: FlowDefinition,
    program: KnownProgram,
  ): FlowView => ({
    id: flow.id,
    label: flow.label,
    kind: flow.kind,
    transport: flow.transport,
    verified: flow.verified ?? definition.verified,
    fits: fits(flow, program),
    needsProgram: flow.by === undefined && definition.issuer === undefined,
    ...portOf(flow),
    parameters: askedParameters(definition, flow),
    ...(flow.needs === undefined ? {} : { needs: flow.needs }),
  });
  const view = (definition: ProviderDefinition, origin: ProviderView['origin']): ProviderView => {
    const program = programs.known(definition);
    const place = placeOn(definition, parts.platform);
    return {
      id: definition.id,
      name: definition.name,
      vendor: definition.vendor,
      mark: definition.mark,
      aliases: definition.aliases,
      flows: fittingFirst(definition.flows, program).map((flow) => flowView(definition, flow, program)),
      origin,
      program: programs.of(definition),
      verified: definition.verified,
      acceptsApiKey: definition.apiKey !== null,
      issuer: definition.issuer !== undefined,
      ...(definition.apiKey?.kind ? { keyKind: definition.apiKey.kind } : {}),
      proof: proofInWords(definition),
      ...(place === null ? {} : { place }),
    };
  };
  return {
    'providers.list': () => ({
      providers: providers.list().map(({ definition, origin }) => view(definition, origin)),
      problems: providers.problems(),
    }),
    'providers.refresh': async ({ askVersions }) => {
      await parts.refreshProviders(askVersions);
      return {};
    },
  };
}

function portOf(flow: FlowDefinition): { port?: number } {
  const port = neededPort(flow);
  return port === null ? {} : { port };
}
