import { Tabs } from '@kobalte/core/tabs';
import { For, type JSX, onMount } from 'solid-js';
import { useApp } from '../state/app-context.tsx';
import type { SettingsSection } from '../state/model.ts';
import { AboutSection } from './about-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { BundlesSection } from './bundles-section.tsx';
import { CloudSessionsSection } from './cloud-sessions-section.tsx';
import { CommandSection } from './command-section.tsx';
import { NetworkSection } from './network-section.tsx';
import { ProvidersSection } from './providers-section.tsx';
import { SecuritySection } from './security-section.tsx';
import { ToolsSection } from './tools-section.tsx';
import './settings-page.css';

const sections: { id: SettingsSection; label: string; content: () => JSX.Element }[] = [
  { id: 'identities', label: 'Identities', content: () => <BundlesSection /> },
  { id: 'providers', label: 'Providers', content: () => <ProvidersSection /> },
  { id: 'cloud-sessions', label: 'Cloud sessions', content: () => <CloudSessionsSection /> },
  { id: 'network', label: 'Network', content: () => <NetworkSection /> },
  { id: 'security', label: 'Security', content: () => <SecuritySection /> },
  {
    id: 'command',
    label: 'Command line',
    content: () => (
      <>
        <CommandSection />
        <ToolsSection />
      </>
    ),
  },
  { id: 'appearance', label: 'Appearance', content: () => <AppearanceSection /> },
  { id: 'about', label: 'About', content: () => <AboutSection /> },
];

export function SettingsPage() {
  const app = useApp();
  const shown = () => (app.state.page.name === 'settings' ? app.state.page.section : 'identities');
  const choose = (id: string) => {
    const section = sections.find((each) => each.id === id);
    if (section) app.choosePage({ name: 'settings', section: section.id });
  };
  let title: HTMLHeadingElement | undefined;
  // What was pressed on another page to come here has gone with it, and the focus with that.
  onMount(() => {
    if (document.activeElement === document.body) title?.focus();
  });
  return (
    <div data-component="settings">
      <h1
        id="page-title"
        data-component="page-title"
        tabIndex={-1}
        ref={(element) => {
          title = element;
        }}
      >
        Settings
      </h1>
      <Tabs value={shown()} onChange={choose}>
        <Tabs.List data-component="settings-tabs" aria-label="Settings">
          <For each={sections}>
            {(section) => <Tabs.Trigger value={section.id}>{section.label}</Tabs.Trigger>}
          </For>
        </Tabs.List>
        <For each={sections}>
          {(section) => (
            <Tabs.Content value={section.id} data-component="settings-section">
              {section.content()}
            </Tabs.Content>
          )}
        </For>
      </Tabs>
    </div>
  );
}
