import { settingsFeature } from './settings.reducer';

export const { selectLanguage, selectTheme } = settingsFeature;
