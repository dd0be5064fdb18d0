import { createActionGroup, props } from '@ngrx/store';

import type { Language, SettingsState, Theme } from './settings.reducer';

export const SettingsActions = createActionGroup({
  source: 'Settings',
  events: {
    Restored: props<{ settings: Partial<SettingsState> }>(),
    'Language Chosen': props<{ language: Language }>(),
    'Theme Chosen': props<{ theme: Theme }>(),
  },
});
