import type { Component } from 'svelte';

export interface MenuItem {
  label: string;
  icon: Component<{ size?: number }>;
  onpick: () => void;
}
