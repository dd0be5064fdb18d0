import { createFeature, createReducer, on } from '@ngrx/store';

import { SettingsActions } from './settings.actions';

export type Language = 'en' | 'es';
export type Theme = 'light' | 'dark';

export interface SettingsState {
  language: Language;
  theme: Theme;
}

const initialState: SettingsState = { language: 'en', theme: 'light' };

export const settingsFeature = createFeature({
  name: 'settings',
  reducer: createReducer(
    initialState,
    on(SettingsActions.restored, (state, { settings }) => ({ ...state, ...settings })),
    on(SettingsActions.languageChosen, (state, { language }) => ({ ...state, language })),
    on(SettingsActions.themeChosen, (state, { theme }) => ({ ...state, theme })),
  ),
});
